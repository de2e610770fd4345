namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Maps the sequence numbers of one incoming encoding to the continuous numbers of one outgoing stream. Refused packets leave no gap; packets that have not arrived keep a
/// number, so that the receiver can request them and a late one gets its place.
/// </summary>
/// <remarks>Numbers are extended to 64 bits on both sides; the caller truncates them to 16.</remarks>
internal sealed class SequenceMap
{
    /// <summary>How old a late packet may be to get its number: nearly two seconds of a 1080p encoding. Older ones are dropped.</summary>
    public const int Capacity = 512;

    private const int Refused = int.MinValue;

    // The difference input - output - bias by input number; allocated with the first packet, because most subscriptions of a large room never forward any.
    private int[]? _offsets;
    private long _bias;
    private long _first;

    /// <summary>The highest input number seen, accepted or refused.</summary>
    public long HighestInput { get; private set; } = -1;

    public long HighestOutput { get; private set; } = -1;

    public bool Started => HighestInput >= 0;

    /// <summary>Restarts the map: <paramref name="input"/> becomes <paramref name="output"/>, and earlier numbers are unknown.</summary>
    public void Restart(long input, long output)
    {
        _first = input;
        _bias = input - output;
        HighestInput = input;
        HighestOutput = output;
        _offsets ??= new int[Capacity];
        _offsets[Slot(input)] = 0;
    }

    /// <summary>Maps a number above <see cref="HighestInput"/>.</summary>
    /// <param name="input">The packet's number.</param>
    /// <param name="skipped">How many of the numbers missing before it belong to refused frames.</param>
    /// <returns>Its output number.</returns>
    public long Accept(long input, int skipped)
    {
        FillGap(input, skipped);
        HighestInput = input;
        HighestOutput++;
        Put(input, HighestOutput);
        return HighestOutput;
    }

    /// <summary>Skips a number above <see cref="HighestInput"/> without using an output number.</summary>
    public void Refuse(long input, int skipped)
    {
        FillGap(input, skipped);
        HighestInput = input;
        _offsets![Slot(input)] = Refused;
    }

    /// <summary>The reserved number of a packet at or below <see cref="HighestInput"/>; false when it was refused or is too old.</summary>
    public bool TryGetLate(long input, out long output)
    {
        output = 0;
        if (input < _first || input > HighestInput || input <= HighestInput - Capacity || _offsets is null) return false;
        var offset = _offsets[Slot(input)];
        if (offset == Refused) return false;
        output = input - _bias - offset;
        return true;
    }

    private void FillGap(long input, int skipped)
    {
        var gap = input - HighestInput - 1;
        if (gap <= 0) return;

        // A jump beyond the table: the packets cannot be recovered, but the receiver must see a gap.
        if (gap >= Capacity)
        {
            HighestOutput += Math.Max(1, gap - skipped);
            Restart(input - 1, HighestOutput);
            return;
        }

        for (var missing = HighestInput + 1; missing < input; missing++)
        {
            if (skipped-- > 0)
            {
                _offsets![Slot(missing)] = Refused;
                continue;
            }

            HighestOutput++;
            _offsets![Slot(missing)] = (int)(missing - HighestOutput - _bias);
        }
    }

    private void Put(long input, long output)
    {
        var offset = input - output - _bias;
        if (offset is > int.MaxValue / 2 or < int.MinValue / 2)
        {
            Restart(input, output);
            return;
        }

        _offsets![Slot(input)] = (int)offset;
    }

    private static int Slot(long input) => (int)(input & (Capacity - 1));
}
