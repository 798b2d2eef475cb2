// Text on the page leads nowhere: nothing may open another, whatever stands in a customer's memo.
window.open = () => null;

document.getElementById("terminal").dataset.sessionWebsocketUrl = `ws://${window.location.host}/ws`;
document.getElementById("again").addEventListener("click", () => window.location.reload());

// A cell is measured once, when the terminal is made: the font has to be there by then.
const begin = window.onload;
window.onload = null;
const faces = ["16px", "bold 16px", "italic 16px"].map((size) => document.fonts.load(`${size} "Roboto Mono"`));
Promise.allSettled(faces).then(() => {
  begin();
  document.querySelector(".xterm-helper-textarea").focus();
});

// What has a meaning in arqueue is not for the browser. Ctrl+W, Ctrl+T and Ctrl+N stay with it.
window.addEventListener(
  "keydown",
  (event) => {
    if ((event.ctrlKey && "dlpu".includes(event.key)) || event.key === "F1") event.preventDefault();
  },
  true,
);
