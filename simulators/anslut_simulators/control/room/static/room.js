// Puts a button beside everything that is meant to be pasted elsewhere. Without scripts the text is selected by hand.
"use strict";

function addButtons(root) {
  const words = document.body.dataset;
  for (const text of root.querySelectorAll(".copyable:not([data-ready])")) {
    text.dataset.ready = "true";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copy;
    button.setAttribute("aria-label", `${words.copy}: ${text.textContent.trim().slice(0, 60)}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    text.after(button);
  }
}

document.addEventListener("htmx:load", (event) => addButtons(event.detail.elt.parentNode ?? event.detail.elt));
addButtons(document);
