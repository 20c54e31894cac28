// Takes a picture with the camera. The video stays in the browser: only the cut is sent.

export class Webcam {
  constructor(words, taken, failed) {
    this.words = words;
    this.taken = taken;
    this.failed = failed;
    this.open = button(words.camera, () => this.start());
    this.element = document.createElement("div");
    this.element.className = "camera";
    this.element.hidden = true;
    this.video = document.createElement("video");
    this.video.muted = this.video.playsInline = true;
    this.video.setAttribute("aria-label", words.camera);
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    this.shoot = button(words.shoot, () => this.take());
    buttons.append(this.shoot, button(words.close, () => this.stop()));
    this.element.append(this.video, buttons);
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    } catch {
      this.failed(this.words.no_camera);
      return;
    }
    this.video.srcObject = this.stream;
    this.shoot.disabled = true; // before its first frame, a video has no pixels to take
    this.element.hidden = false;
    await this.video.play();
    this.shoot.disabled = false;
    this.shoot.focus();
  }

  async take() {
    const canvas = new OffscreenCanvas(this.video.videoWidth, this.video.videoHeight);
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    this.stop();
    await this.taken(await canvas.convertToBlob({ type: "image/png" }));
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.element.hidden = true;
    this.open.focus();
  }
}

function button(text, pressed) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", pressed);
  return element;
}
