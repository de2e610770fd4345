namespace JitsiMesh.Primitives;

/// <summary>A rate in bits per second.</summary>
public readonly record struct Bitrate(long BitsPerSecond) : IComparable<Bitrate>
{
    public static readonly Bitrate Zero;

    public static Bitrate FromKbps(double kbps) => new((long)(kbps * 1000));

    public double Kbps => BitsPerSecond / 1000.0;

    public int CompareTo(Bitrate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);

    public static Bitrate Min(Bitrate a, Bitrate b) => a.BitsPerSecond <= b.BitsPerSecond ? a : b;

    public static Bitrate Max(Bitrate a, Bitrate b) => a.BitsPerSecond >= b.BitsPerSecond ? a : b;

    public static Bitrate operator +(Bitrate a, Bitrate b) => new(a.BitsPerSecond + b.BitsPerSecond);

    public static Bitrate operator -(Bitrate a, Bitrate b) => new(a.BitsPerSecond - b.BitsPerSecond);

    public static Bitrate operator *(Bitrate a, double factor) => new((long)(a.BitsPerSecond * factor));

    public static bool operator <(Bitrate a, Bitrate b) => a.BitsPerSecond < b.BitsPerSecond;

    public static bool operator >(Bitrate a, Bitrate b) => a.BitsPerSecond > b.BitsPerSecond;

    public static bool operator <=(Bitrate a, Bitrate b) => a.BitsPerSecond <= b.BitsPerSecond;

    public static bool operator >=(Bitrate a, Bitrate b) => a.BitsPerSecond >= b.BitsPerSecond;

    public override string ToString() => FormattableString.Invariant($"{Kbps:0.#} kbps");
}
