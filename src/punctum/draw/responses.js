// The queue by keyboard: j and k go on and back, a, r, e, d act on the response one is at; d asks for a second d.
const rows = [...document.querySelectorAll(".queue > li")];
let at = -1, sure = -1;
const go = (to) => { at = Math.max(0, Math.min(rows.length - 1, to)); sure = -1; rows[at].focus(); rows[at].scrollIntoView({ block: "nearest" }); };
const press = (what) => rows[at].querySelector(`button[value="${what}"]`)?.click();
rows.forEach((row, number) => row.addEventListener("focusin", () => { at = number; }));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("textarea, input, select");
  if (typing) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press("answer");
    if (event.key === "Escape") rows[at]?.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !rows.length) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (at < 0) return;
  else if (event.key === "a") press("approve");
  else if (event.key === "r") press("refuse");
  else if (event.key === "e") { event.preventDefault(); const box = rows[at].querySelector("details"); box.open = true; box.querySelector("textarea").focus(); }
  else if (event.key === "d") { if (sure === at) press("delete"); else { sure = at; rows[at].querySelector('button[value="delete"]').textContent = "Delete? d again"; } }
});
