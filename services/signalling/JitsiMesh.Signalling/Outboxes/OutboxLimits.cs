namespace JitsiMesh.Signalling.Outboxes;

/// <summary>The bounds of an outbox, and what happens at each. Constants hold for every kind; the others are chosen for each.</summary>
public sealed record OutboxLimits
{
    /// <summary>UTF-16 units of an entry's id; a longer one is a bug of its sender and throws.</summary>
    public const int IdLength = 128;

    /// <summary>UTF-16 units of the name of a kind; a longer one throws.</summary>
    public const int KindLength = 32;

    /// <summary>UTF-16 units of an order key; a longer one throws.</summary>
    public const int OrderKeyLength = 4 * 1024;

    /// <summary>UTF-16 units of a payload; a longer one throws.</summary>
    public const int PayloadLength = 256 * 1024;

    /// <summary>Entries that are put into the store with one call each to its counter, its list and its payloads; more take as many calls again.</summary>
    public const int BatchEntries = 128;

    /// <summary>UTF-16 units of their payloads together, beyond the first; more take further calls.</summary>
    public const int BatchLength = PayloadLength;

    /// <summary>Documents of a kind that hold payloads. They stay in the store when they are empty. Another number would not find what was put before.</summary>
    public const int Blocks = 128;

    /// <summary>How long one instance alone delivers a kind without saying so again. An instance that dies is followed after at most this and <see cref="LeaseLook"/>.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(15);

    /// <summary>How often the instance that delivers says so, and the others look whether it still does.</summary>
    public static readonly TimeSpan LeaseLook = TimeSpan.FromSeconds(5);

    /// <summary>How long before the end of its lease an instance that cannot renew it stops: for clocks that do not run alike.</summary>
    public static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(3);

    /// <summary>How often entries of other instances are looked for. With many entries less often: reading them costs by their number.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>What each entry that waits adds to <see cref="Look"/>.</summary>
    public static readonly TimeSpan LookForEach = TimeSpan.FromMilliseconds(0.5);

    /// <summary>How long an entry whose payload is not there is kept: its sender may be about to write it, or has died before.</summary>
    public static readonly TimeSpan PayloadTime = TimeSpan.FromMinutes(1);

    /// <summary>Between two lines of the log about entries of one kind that were given up.</summary>
    public static readonly TimeSpan GivenUpPause = TimeSpan.FromMinutes(5);

    /// <summary>After a call to the store that failed.</summary>
    public static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    /// <summary>How long the store may take to be told that this instance stops.</summary>
    public static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(1);

    /// <summary>Entries of the kind that wait. Of more the oldest are given up, counted as <c>full</c>.</summary>
    public int Entries { get; init; } = 10_000;

    /// <summary>Deliveries at once, each of another order key.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long an entry is tried. One that fails when it is older is given up, counted as <c>too_old</c>; each is tried once at least.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Tries of one entry. After that many it is given up, counted as <c>too_many_tries</c>.</summary>
    public int Tries { get; init; } = 1_000;

    /// <summary>The pause after the first failure. Each further one is twice as long, give or take a quarter.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest pause between two tries, also where the receiver asks for a longer one.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one try may take; then it has failed, counted as <c>timeout</c>.</summary>
    public TimeSpan DeliveryTime { get; init; } = TimeSpan.FromSeconds(60);
}
