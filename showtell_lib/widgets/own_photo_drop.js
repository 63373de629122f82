// Runs when something is dropped on the field: hands it to the hidden text area.
event.preventDefault();
event.stopPropagation();
// Notebook servers take messages of up to 10 MiB, and the text is a third longer than the file.
const most = 7500000;
const place = this.closest(".showtell-own-photo");
const told = this.querySelector("[role=status]");
const file = event.dataTransfer.files[0];
const address = event.dataTransfer.getData("text/uri-list").split("\n")[0].trim();
const handOver = (text) => {
  const letterbox = place.querySelector("textarea");
  letterbox.value = text;
  letterbox.dispatchEvent(new Event("change", { bubbles: true }));
};
told.textContent = "";
if (file && file.size > most) {
  told.textContent =
    file.name + " is larger than 7.5 MB, too large to hand over here. Copy it to the computer " +
    "that runs the notebook, and open it by its path.";
} else if (file) {
  const reader = new FileReader();
  reader.onload = () => handOver(file.name + "\n" + reader.result);
  reader.readAsDataURL(file);
} else if (address) {
  handOver(address);
}
