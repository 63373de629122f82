// The first click turns the camera on, the second takes the photo and turns the camera off.
const place = this.closest(".showtell-letterbox");
const video = place.querySelector("video");
const told = this.parentElement.querySelector("[role=status]");
const take = () => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const letterbox = place.querySelector("textarea");
  letterbox.value = "webcam.jpg\n" + canvas.toDataURL("image/jpeg", 0.92);
  letterbox.dispatchEvent(new Event("change", { bubbles: true }));
  video.srcObject.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
  this.textContent = "Turn the camera on";
};
const turnOn = async () => {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    video.hidden = false;
    await video.play();
    this.textContent = "Take the photo";
    told.textContent = "";
  } catch (error) {
    told.textContent =
      "No camera here: a browser gives it only to a page at localhost or https, where there is " +
      "one, and with your permission. Take the photo with another program, and upload it.";
  }
};
video.srcObject ? take() : turnOn();
