import { random } from './random.mjs';

/** Draws a photo: a small landscape, seeded by the photo, softened when it is meant to be blurred. */
export function drawPhoto(photo, longSide) {
  const r = random(photo.scene * 7919 + 13);
  const aspect = photo.width > 0 ? photo.width / photo.height : 4 / 3;
  const [w, h] = aspect >= 1 ? [1000, Math.round(1000 / aspect)] : [Math.round(1000 * aspect), 1000];
  const [ow, oh] = aspect >= 1 ? [longSide, Math.round(longSide / aspect)] : [Math.round(longSide * aspect), longSide];
  const hue = Math.floor(r() * 360);
  const night = r() < 0.15;
  const mono = r() < 0.1;
  const saturation = (mono ? 0 : 18) + r() * (mono ? 4 : 34);
  const colour = (dh, s, l) => `hsl(${(hue + dh + 360) % 360} ${(saturation * s).toFixed(0)}% ${(night ? l * 0.45 : l).toFixed(0)}%)`;
  const horizon = h * (0.35 + r() * 0.35);
  const shapes = [];
  const kind = r();
  if (kind < 0.62) {
    const ridges = 2 + Math.floor(r() * 4);
    for (let i = 0; i < ridges; i++) {
      let d = `M0 ${h}`;
      const base = horizon + ((h - horizon) * i) / ridges;
      for (let x = 0; x <= 12; x++) d += ` L${((w * x) / 12).toFixed(0)} ${(base - r() * h * (0.22 / (i + 1))).toFixed(0)}`;
      shapes.push(`<path d="${d} L${w} ${h}Z" fill="${colour(20 * i, 1, 52 - i * 10)}"/>`);
    }
    if (r() < 0.7) shapes.unshift(`<circle cx="${(r() * w).toFixed(0)}" cy="${(horizon * (0.2 + r() * 0.6)).toFixed(0)}" r="${(h * (0.03 + r() * 0.07)).toFixed(0)}" fill="${colour(40, 1.4, 88)}"/>`);
  } else if (kind < 0.85) {
    for (let i = 0; i < 9; i++) {
      const bw = w * (0.06 + r() * 0.12);
      const bh = h * (0.15 + r() * 0.5);
      shapes.push(`<rect x="${(r() * w - bw / 2).toFixed(0)}" y="${(h - bh).toFixed(0)}" width="${bw.toFixed(0)}" height="${bh.toFixed(0)}" fill="${colour(r() * 60 - 30, 0.7, 26 + r() * 34)}"/>`);
    }
  } else {
    const cx = w * (0.35 + r() * 0.3) + (photo.shift ?? 0) * 30;
    shapes.push(`<ellipse cx="${cx.toFixed(0)}" cy="${(h * 1.02).toFixed(0)}" rx="${(w * 0.26).toFixed(0)}" ry="${(h * 0.42).toFixed(0)}" fill="${colour(150, 1.2, 38)}"/>`);
    shapes.push(`<ellipse cx="${cx.toFixed(0)}" cy="${(h * 0.42).toFixed(0)}" rx="${(Math.min(w, h) * 0.13).toFixed(0)}" ry="${(Math.min(w, h) * 0.17).toFixed(0)}" fill="hsl(${20 + r() * 18} 34% ${40 + r() * 34}%)"/>`);
  }
  let detail = '';
  for (let i = 0; i < 40; i++) {
    const x = r() * w;
    const y = horizon + r() * (h - horizon);
    detail += `M${x.toFixed(0)} ${y.toFixed(0)}l${(r() * 14 - 7).toFixed(0)} ${(-r() * 26).toFixed(0)}`;
  }
  const blur = photo.is_blurry ? (photo.blur_kind === 'motion' ? '26 2' : '12') : null;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${ow}" height="${oh}" viewBox="0 0 ${w} ${h}" preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${colour(-20, 1.1, 62)}"/><stop offset="1" stop-color="${colour(30, 0.9, 84)}"/></linearGradient>${blur ? `<filter id="b"><feGaussianBlur stdDeviation="${blur}"/></filter>` : ''}</defs><g${blur ? ' filter="url(#b)"' : ''}><rect width="${w}" height="${h}" fill="url(#s)"/>${shapes.join('')}<path d="${detail}" stroke="${colour(0, 0.8, 24)}" stroke-width="2.5" stroke-opacity=".5"/></g></svg>`;
}
