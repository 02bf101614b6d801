// What scrolls sideways can be scrolled with the keyboard, too.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("div.highlight pre, div.math, .drawing, .table-wrapper")) {
    part.tabIndex = 0;
  }
});
