import { useEffect, useRef, useState } from 'react';

interface VideoProps {
  track: MediaStreamTrack;
  className?: string | undefined;
  mirrored?: boolean;
  testId?: string;
  /** Told once the first picture is on screen. */
  onPlaying?: () => void;
}

/** A picture without sound; sound has elements of its own. */
export function Video({ track, className, mirrored = false, testId, onPlaying }: VideoProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    setReady(false);
    video.srcObject = new MediaStream([track]);
    void video.play()?.catch(() => {});
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={ref}
      className={className}
      autoPlay
      playsInline
      muted
      aria-hidden
      data-testid={testId}
      data-ready={ready}
      onPlaying={() => {
        setReady(true);
        onPlaying?.();
      }}
      style={mirrored ? { transform: 'scaleX(-1)' } : undefined}
    />
  );
}
