/** What one encoding of the own video is told; index 0 is the lowest layer. */
export interface LayerSettings {
  active: boolean;
  scaleResolutionDownBy: number;
  maxBitrate: number;
}

/** Bits per second for quarter, half and full size of a camera picture. */
const CAMERA_BITRATES = [200_000, 500_000, 1_500_000] as const;
const SCALES = [4, 2, 1] as const;
const DESKTOP_BITRATE = 2_500_000;

/**
 * Settings of the layers for a picture of `height` pixels (its smaller side) of which receivers want at most `wanted`:
 * -1 everything, 0 nothing. Layers larger than anybody wants rest, but the lowest stays while anything is wanted.
 */
export function cameraLayers(height: number, wanted: number, layers: number): LayerSettings[] {
  if (layers === 1) {
    const scale = wanted > 0 && height > wanted ? nearestScale(height, wanted) : 1;
    return [{ active: wanted !== 0, scaleResolutionDownBy: scale, maxBitrate: CAMERA_BITRATES[2] }];
  }
  return SCALES.slice(-layers).map((scale, index) => {
    const layerHeight = height / scale;
    const needed = wanted < 0 || layerHeight <= wanted || index === 0;
    return {
      active: wanted !== 0 && needed,
      scaleResolutionDownBy: scale,
      maxBitrate: CAMERA_BITRATES[3 - layers + index] ?? CAMERA_BITRATES[2],
    };
  });
}

function nearestScale(height: number, wanted: number): number {
  return Math.max(1, 2 ** Math.floor(Math.log2(height / wanted)));
}

export function desktopLayer(wanted: number): LayerSettings[] {
  return [{ active: wanted !== 0, scaleResolutionDownBy: 1, maxBitrate: DESKTOP_BITRATE }];
}
