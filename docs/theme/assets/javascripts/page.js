// What a page lends a hand with: copying, scrolling by keyboard, the menu without a mouse. It can be read without.
{
  const words = JSON.parse(document.getElementById("__assay").textContent)
  const SAID_FOR = 1500 // milliseconds
  const PROMPT = /^\$ /

  const put = async text => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text)
    const field = Object.assign(document.createElement("textarea"), { value: text }) // a page that isn't from https
    document.body.append(field)
    field.select()
    document.execCommand("copy")
    field.remove()
  }

  const commands = text => {
    const lines = text.split("\n").filter(line => PROMPT.test(line))
    return lines.length ? lines.map(line => line.replace(PROMPT, "")).join("\n") : text.trimEnd()
  }

  const makeCopyButton = textToCopy => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "assay-copy" })
    button.textContent = words.copy
    button.addEventListener("click", async () => {
      await put(textToCopy())
      button.textContent = words.copied
      setTimeout(() => (button.textContent = words.copy), SAID_FOR)
    })
    button.setAttribute("aria-live", "polite")
    return button
  }

  const offerCopy = (code, place) => place.append(makeCopyButton(() => commands(code.textContent)))

  // a table may have thousands of digests: one button goes to the row that has the pointer or the focus
  const offerCopyInRows = () => {
    const button = makeCopyButton(() => button.previousElementSibling.title)
    const follow = ({ target, type }) => {
      if (type === "pointerover" && button.matches(":focus-visible")) return // rows that scroll by under a resting mouse
      const digest = target.closest?.("article tr")?.querySelector(".assay-shortened")
      if (!digest || digest === button.previousElementSibling) return
      button.textContent = words.copy
      digest.after(button)
    }
    addEventListener("pointerover", follow)
    addEventListener("focusin", follow)
  }

  const scrolls = box => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1

  const letFocusScroll = box => {
    if (box.matches("figure[role]")) return // takes the focus for its values anyway
    if (!scrolls(box)) return box.removeAttribute("tabindex")
    box.tabIndex = 0
    if (box.matches("div")) box.setAttribute("role", "group")
    if (!box.matches("figure")) box.setAttribute("aria-label", box.matches("pre, code") ? words.code : words.table)
    if (box.matches("pre, code")) box.setAttribute("role", "group")
  }

  const actAsButton = (label, name) => {
    const toggle = document.getElementById(label.htmlFor)
    label.tabIndex = 0
    label.setAttribute("role", "button")
    label.setAttribute("aria-label", name)
    label.addEventListener("keydown", event => {
      if (event.key !== " ") return // the theme listens to Enter
      event.preventDefault()
      toggle.click()
    })
  }

  for (const block of document.querySelectorAll("article pre > code")) offerCopy(block, block.parentElement)
  for (const digest of document.querySelectorAll("article .assay-digest")) offerCopy(digest, digest.parentElement)
  if (document.querySelector(".assay-shortened")) offerCopyInRows()
  const watch = new ResizeObserver(seen => seen.forEach(({ target }) => letFocusScroll(target)))
  const boxes = "article .assay-table, article .md-typeset__scrollwrap, article pre > code, article .assay-chart"
  addEventListener("load", () => document.querySelectorAll(boxes).forEach(box => watch.observe(box))) // once the theme wrapped them
  for (const label of document.querySelectorAll(".md-header label[for=__drawer]")) actAsButton(label, words.menu)
  for (const label of document.querySelectorAll(".md-header > nav > label[for=__search]")) actAsButton(label, words.search)
}
