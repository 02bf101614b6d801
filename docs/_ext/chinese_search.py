"""Search that finds Chinese words: Chinese is indexed, and asked for, by pairs of characters.

There are no spaces between Chinese words, and where one ends is a matter of the dictionary. Of pairs, every
word and every phrase is made, so that what stands on a page is found, whatever part of it was typed.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.search.zh import SearchChinese

_WORDS = re.compile(r"[一-鿿]+|[A-Za-z0-9_]+")

# In JavaScript, with nothing that HTML would escape.
SPLIT_QUERY = """
var splitQuery = function (query) {
  var terms = [];
  (query.match(/[\\u4e00-\\u9fff]+|[A-Za-z0-9_]+/g) || []).forEach(function (word) {
    if (word.length === 1 || word.charCodeAt(0) === (word.charCodeAt(0) % 128)) { terms.push(word); return; }
    Array.from(word).slice(1).forEach(function (character, i) { terms.push(word[i] + character); });
  });
  return terms;
};
"""


class PairsOfCharacters(SearchChinese):
    """The search language ``zh``, without a dictionary."""

    language_name = "English"  # the stemmer's, for what is in Latin letters
    js_splitter_code = SPLIT_QUERY

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self.latin_terms: set[str] = set()  # a list in older versions

    def split(self, text: str) -> list[str]:
        """Return the words in Latin letters, and each character and each pair of characters of Chinese.

        Examples
        --------
        >>> PairsOfCharacters({}).split("裁剪 gradient")
        ['裁', '剪', '裁剪', 'gradient']
        """
        terms = []
        for word in _WORDS.findall(text):
            if word.isascii():
                self.latin_terms.add(word)
                terms.append(word)
            else:
                terms += [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
        return terms

    def word_filter(self, word: str) -> bool:
        """Return whether a word is indexed: a single Chinese character is."""
        return not word.isascii() or super().word_filter(word)


def setup(app: Any) -> dict[str, bool]:
    """Put it in the place of Sphinx's own."""
    app.add_search_language(PairsOfCharacters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
