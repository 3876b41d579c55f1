/**
 * Zooming and panning a picture in a window. `scale` is screen pixels per picture pixel; `x`, `y` place the
 * picture's centre relative to the window's. Pure, so that wheel, pinch and keys share one arithmetic.
 */

export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The scale at which the whole picture is visible; small pictures are not enlarged. */
export function fitScale(picture: Size, window: Size): number {
  if (picture.width <= 0 || picture.height <= 0) return 1;
  return Math.min(1, window.width / picture.width, window.height / picture.height);
}

/** Largest scale: one picture pixel on one device pixel, or the fit when that is larger. */
export function maxScale(picture: Size, window: Size, pixelRatio: number): number {
  return Math.max(1 / pixelRatio, fitScale(picture, window));
}

/** Keeps the scale within bounds and the picture from leaving the window. */
export function clampView(view: View, picture: Size, window: Size, pixelRatio: number): View {
  const fit = fitScale(picture, window);
  const scale = Math.min(maxScale(picture, window, pixelRatio), Math.max(fit, view.scale));
  const roomX = Math.max(0, (picture.width * scale - window.width) / 2);
  const roomY = Math.max(0, (picture.height * scale - window.height) / 2);
  return { scale, x: Math.min(roomX, Math.max(-roomX, view.x)), y: Math.min(roomY, Math.max(-roomY, view.y)) };
}

/** Zooms by `factor`, keeping the point under (`atX`, `atY`) — relative to the window's centre — in place. */
export function zoomAt(view: View, factor: number, atX: number, atY: number, picture: Size, window: Size, pixelRatio: number): View {
  const fit = fitScale(picture, window);
  const scale = Math.min(maxScale(picture, window, pixelRatio), Math.max(fit, view.scale * factor));
  const ratio = scale / view.scale;
  return clampView({ scale, x: atX - (atX - view.x) * ratio, y: atY - (atY - view.y) * ratio }, picture, window, pixelRatio);
}
