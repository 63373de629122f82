// Runs when a file was chosen, or something was dropped: hands it to the hidden text area.
event.preventDefault();
event.stopPropagation();
// Notebook servers take messages of up to 10 MiB, and end the connection at a larger one: nothing
// works after it. The text is a third longer than the file.
const most = 7500000;
const place = this.closest(".showtell-letterbox");
const told = (this.files ? this.parentElement : this).querySelector("[role=status]");
const dropped = event.dataTransfer;
const file = (dropped || this).files[0];
const address = dropped ? dropped.getData("text/uri-list").split("\n")[0].trim() : "";
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
// So that the same file can be chosen again.
if (this.files) this.value = "";
