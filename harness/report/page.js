/* SPDX-License-Identifier: MIT
 * The table of choices: sorted by the head that is clicked, filtered by all words typed. */
(function () {
	"use strict";
	var table = document.getElementById("choice-table");
	var filter = document.getElementById("filter");
	if (!table)
		return;
	var body = table.tBodies[0], heads = table.tHead.rows[0].cells;

	function key(row, column) {
		var cell = row.cells[column], text = cell.textContent.trim();
		if (!cell.classList.contains("n"))
			return text;
		if (text === "exact")
			return Infinity;
		return text === "" ? NaN : Number(cell.dataset.v || text.replace(/,/g, ""));
	}
	/* what is absent comes last in both directions */
	function compare(a, b) {
		if (typeof a === "string")
			return a.localeCompare(b, undefined, { numeric: true });
		if (a !== a || b !== b)
			return 0;
		return a < b ? -1 : a > b ? 1 : 0;
	}
	function sort(column) {
		var up = heads[column].getAttribute("aria-sort") !== "ascending";
		var rows = Array.prototype.map.call(body.rows, function (row) {
			return { row: row, key: key(row, column) };
		});
		rows.sort(function (a, b) {
			var lacks = (a.key !== a.key) - (b.key !== b.key);
			return lacks || (up ? 1 : -1) * compare(a.key, b.key);
		});
		Array.prototype.forEach.call(heads, function (head) {
			head.removeAttribute("aria-sort");
		});
		heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
		rows.forEach(function (one) { body.appendChild(one.row); });
	}
	Array.prototype.forEach.call(heads, function (head, column) {
		head.tabIndex = 0;
		head.addEventListener("click", function () { sort(column); });
		head.addEventListener("keydown", function (event) {
			if (event.key === "Enter" || event.key === " ") {
				event.preventDefault();
				sort(column);
			}
		});
	});
	filter.hidden = false;
	filter.addEventListener("input", function () {
		var words = filter.value.toLowerCase().split(/\s+/);
		Array.prototype.forEach.call(body.rows, function (row) {
			var text = row.textContent.toLowerCase();
			row.hidden = !words.every(function (word) {
				return text.indexOf(word) >= 0;
			});
		});
	});
})();
