"use strict";
/* Tooltips on charts, sorting, filtering and CSV of tables, and the current section in the
   contents. Everything is readable without it. Text goes into the page as text, never as HTML. */
(() => {
  const tip = document.getElementById("tip");

  const showTip = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const left = Math.min(x + 12, innerWidth - tip.offsetWidth - 8);
    const above = y - tip.offsetHeight - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 0 ? above : y + 16}px`;
  };
  const hideTip = () => {
    tip.hidden = true;
    document.querySelector(".marked")?.classList.remove("marked");
  };
  const mark = (element) => {
    hideTip();
    element.classList.add("marked");
    const box = element.getBoundingClientRect();
    showTip(element.dataset.about, box.left + box.width / 2, box.top);
  };

  for (const drawing of document.querySelectorAll(".drawing")) {
    const marks = [...drawing.querySelectorAll("[data-about]")];
    const title = drawing.querySelector("svg > title");
    if (!marks.length || !title) continue;
    /* A browser would show the title as a second tooltip. */
    const svg = title.parentNode;
    svg.setAttribute("aria-label", title.textContent);
    svg.removeAttribute("aria-labelledby");
    title.remove();
    /* On a phone a wide chart scrolls: the newest month is its right end. */
    if (drawing.closest("#revenue-by-month")) drawing.scrollLeft = drawing.scrollWidth;
    let current = -1;
    drawing.setAttribute("aria-description", "Arrow keys read the values one by one");
    drawing.addEventListener("pointermove", (event) => {
      const hit = event.target.closest("[data-about]");
      if (!hit) return hideTip();
      if (!hit.classList.contains("marked")) { hideTip(); hit.classList.add("marked"); }
      showTip(hit.dataset.about, event.clientX, event.clientY);
    });
    drawing.addEventListener("pointerleave", hideTip);
    drawing.addEventListener("blur", hideTip);
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") return hideTip();
      if (!step) return;
      event.preventDefault();
      current = (current + step + marks.length) % marks.length;
      mark(marks[current]);
    });
  }

  const button = (label, act) => {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = label;
    element.addEventListener("click", act);
    return element;
  };
  const valueOf = (cell) => cell.dataset.value ?? cell.querySelector(".name")?.textContent ?? cell.textContent;

  /* A cell that a spreadsheet would run as a formula is made text. */
  const csvCell = (text) => {
    const plain = text.trim();
    const number = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(plain);
    const safe = !number && /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const csvOf = (table) => [...table.rows]
    .filter((row) => !row.hidden)
    .map((row) => [...row.cells].map((cell) => csvCell(
      row.parentNode.tagName === "THEAD" ? cell.dataset.label ?? cell.textContent : valueOf(cell))).join(","))
    .join("\r\n");
  const download = (table) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", csvOf(table), "\r\n"], { type: "text/csv" }));
    link.download = `${table.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  /* Words stand in an order that the alphabet does not know: months, bands, segments best first. */
  const isNumber = (text) => text !== "" && !Number.isNaN(Number(text));
  const compareRows = (index) => (a, b) => {
    const [x, y] = [valueOf(a.cells[index]), valueOf(b.cells[index])];
    return isNumber(x) && isNumber(y) ? x - y : a.dataset.place - b.dataset.place;
  };
  const sortBy = (table, index, heading) => {
    const first = heading.classList.contains("number") ? "descending" : "ascending";
    const descending = heading.hasAttribute("aria-sort")
      ? heading.getAttribute("aria-sort") === "ascending" : first === "descending";
    for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort(compareRows(index));
    if (descending) rows.reverse();
    body.append(...rows);
  };
  const makeSortable = (table) => {
    [...table.tBodies[0].rows].forEach((row, place) => { row.dataset.place = place; });
    [...table.tHead.rows[0].cells].forEach((heading, index) => {
      heading.dataset.label = heading.textContent.trim().replace(/\s+/g, " ");
      const press = button("", () => sortBy(table, index, heading));
      press.append(...heading.childNodes);
      heading.append(press);
    });
  };
  const makeFilter = (table) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "search";
    input.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      }
    });
    label.append("Filter ", input);
    return label;
  };

  const toolsOf = (tool) => {
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(tool);
    return tools;
  };

  for (const table of document.querySelectorAll("table[data-name]")) {
    const box = table.closest(".table-box");
    const count = table.tBodies[0].rows.length;
    if (count > 3) makeSortable(table);
    if (count > 8) box.before(toolsOf(makeFilter(table)));
    const csv = button("Download CSV", () => download(table));
    csv.className = "csv";
    box.after(toolsOf(csv));
  }

  /* A mark on what scrolls sideways: the style sheet fades the side that hides something. */
  const markHidden = (box) => {
    box.classList.toggle("more-left", box.scrollLeft > 2);
    box.classList.toggle("more-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  };
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => markHidden(entry.target)));
  for (const box of document.querySelectorAll(".drawing, .table-box, .contents ul")) {
    box.addEventListener("scroll", () => markHidden(box), { passive: true });
    sizes.observe(box);
  }

  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const section of document.querySelectorAll(".chapter")) watch.observe(section);
})();
