namespace JitsiMesh.Sctp;

/// <summary>RFC 9260 section 6.3.1, with the bounds of <see cref="SctpOptions"/>.</summary>
internal sealed class RetransmissionTimeout(SctpOptions options)
{
    private TimeSpan? _smoothed;
    private TimeSpan _variance;

    internal TimeSpan Current { get; private set; } = options.InitialRto;

    internal TimeSpan? SmoothedRoundTrip => _smoothed;

    internal void Measure(TimeSpan roundTrip)
    {
        if (roundTrip < TimeSpan.Zero) return;
        if (_smoothed is not { } smoothed)
        {
            _smoothed = roundTrip;
            _variance = roundTrip / 2;
        }
        else
        {
            _variance = (_variance * 0.75) + ((smoothed - roundTrip).Duration() * 0.25);
            _smoothed = (smoothed * 0.875) + (roundTrip * 0.125);
        }

        Current = Clamp(_smoothed.Value + (_variance * 4));
    }

    /// <summary>Section 6.3.3 E2: twice, up to the maximum.</summary>
    internal void BackOff() => Current = Clamp(Current * 2);

    private TimeSpan Clamp(TimeSpan value) => value < options.MinRto ? options.MinRto : value > options.MaxRto ? options.MaxRto : value;
}
