using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>
/// The speech activity of one endpoint over three time spans, from its audio levels (Volfin and Cohen, "Dominant Speaker Identification for Multipoint
/// Videoconferencing", 2013, as laid out in jitsi-utils: DominantSpeakerIdentification.java). Levels are loudness: 0 silence, 127 the loudest.
/// </summary>
internal sealed class SpeechActivity
{
    public const int MaxLevel = 127;

    private const int ImmediateUnits = 13;
    private const int MediumUnits = 5;
    private const int LongUnits = 10;
    private const int History = MediumUnits * LongUnits;
    private const int LevelsPerUnit = (MaxLevel + ImmediateUnits - 1) / ImmediateUnits;
    private const int MediumThreshold = 7;
    private const int LongThreshold = 4;
    private const int NoiseWindow = 750;
    private const double MinScore = 1e-10;

    private static readonly double[] ImmediateScores = Scores(ImmediateUnits, 0.78);
    private static readonly double[] MediumScores = Scores(MediumUnits, 24);
    private static readonly double[] LongScores = Scores(LongUnits, 47);

    private readonly byte[] _levels = new byte[History];
    private int _newest;
    private int _noiseFloor;
    private int _windowMinimum;
    private int _windowLength;

    public MonotonicTime LastLevel { get; private set; }

    public double Immediate { get; private set; } = MinScore;

    public double Medium { get; private set; } = MinScore;

    public double Long { get; private set; } = MinScore;

    public void OnLevel(int level, MonotonicTime now)
    {
        LastLevel = MonotonicTime.Max(LastLevel, now);
        Push((byte)Math.Clamp(level, 0, MaxLevel));
    }

    /// <summary>No packet arrived when one was expected.</summary>
    public void OnMissing() => Push(0);

    public void Evaluate()
    {
        var floor = _noiseFloor + LevelsPerUnit;
        int immediate = 0, longSum = 0, mediumSum = 0;
        for (var block = 0; block < LongUnits; block++)
        {
            var active = 0;
            for (var i = 0; i < MediumUnits; i++)
            {
                var level = _levels[(_newest - (block * MediumUnits) - i + (2 * History)) % History];
                var units = level < floor ? 0 : level / LevelsPerUnit;
                if (block == 0 && i == 0) immediate = units;
                if (units > MediumThreshold) active++;
            }

            if (block == 0) mediumSum = active;
            if (active > LongThreshold) longSum++;
        }

        Immediate = ImmediateScores[Math.Min(immediate, ImmediateUnits)];
        Medium = MediumScores[mediumSum];
        Long = LongScores[longSum];
    }

    private void Push(byte level)
    {
        _newest = (_newest + 1) % History;
        _levels[_newest] = level;
        if (level != 0) LearnNoise(level);
    }

    private void LearnNoise(int level)
    {
        if (_noiseFloor == 0 || level < _noiseFloor)
        {
            _noiseFloor = level;
            _windowMinimum = 0;
            _windowLength = 0;
            return;
        }

        _windowMinimum = _windowMinimum == 0 ? level : Math.Min(_windowMinimum, level);
        if (++_windowLength < NoiseWindow) return;

        // Fifteen seconds without a new minimum: move towards the lowest level in them.
        _noiseFloor = (int)Math.Sqrt(_noiseFloor * (double)_windowMinimum);
        _windowMinimum = 0;
        _windowLength = 0;
    }

    /// <summary>The log of the likelihood ratio for every count of active units: binomial with p = 1/2 under speech, exponential under none.</summary>
    private static double[] Scores(int units, double lambda)
    {
        var scores = new double[units + 1];
        var combinations = 1.0;
        for (var active = 0; active <= units; active++)
        {
            var score = Math.Log(combinations) + (units * Math.Log(0.5)) - Math.Log(lambda) + (lambda * active);
            scores[active] = Math.Max(score, MinScore);
            combinations = combinations * (units - active) / (active + 1);
        }

        return scores;
    }
}
