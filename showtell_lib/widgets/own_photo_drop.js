// Runs when something is dropped on the field: hands its data to the hidden text area.
event.preventDefault();
event.stopPropagation();
const place = this.closest(".showtell-own-photo");
const file = event.dataTransfer.files[0];
const address = event.dataTransfer.getData("text/uri-list").split("\n")[0].trim();
const handOver = (text) => {
  const letterbox = place.querySelector("textarea");
  letterbox.value = text;
  letterbox.dispatchEvent(new Event("change", { bubbles: true }));
};
if (file) {
  const reader = new FileReader();
  reader.onload = () => handOver(file.name + "\n" + reader.result);
  reader.readAsDataURL(file);
} else if (address) {
  handOver(address);
}
