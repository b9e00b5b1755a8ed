// Which nodes of lunr's index are alike is told by their text, in which it writes the numbers of nodes and the digits of
// words without anything between them. Different nodes then count as one, and a search for a number ends in an error.
lunr.TokenSet.prototype.toString = function () {
  const edges = Object.keys(this.edges).sort()
  return this._str ?? (this.final ? "1" : "0") + edges.map(edge => `${edge}${this.edges[edge].id},`).join("")
}
