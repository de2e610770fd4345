namespace JitsiMesh.MediaBridge.BandwidthEstimation;

internal enum BandwidthUsage
{
    Normal,
    Underusing,
    Overusing,
}

/// <summary>
/// Fits a line through the smoothed queueing delay of the last twenty groups and compares its slope with an adaptive threshold (libwebrtc: trendline_estimator.cc; described in
/// Carlucci et al., "Analysis and Design of the Google Congestion Control for WebRTC", 2016).
/// </summary>
internal sealed class TrendlineDetector
{
    private const int WindowSize = 20;
    private const double Smoothing = 0.9;
    private const double ThresholdGain = 4;
    private const int MaxDeltas = 60;
    private const double OveruseMilliseconds = 10;
    private const double InitialThreshold = 12.5;
    private const double MinThreshold = 6;
    private const double MaxThreshold = 600;
    private const double GainUp = 0.0087;
    private const double GainDown = 0.039;
    private const double MaxAdaptOffset = 15;
    private const double MaxAdaptMilliseconds = 100;

    private readonly double[] _times = new double[WindowSize];
    private readonly double[] _delays = new double[WindowSize];
    private int _count;
    private int _next;
    private int _deltas;
    private double _accumulated;
    private double _smoothed;
    private double _firstArrival = double.NaN;
    private double _previousTrend;
    private double _overusingFor = -1;
    private int _overuses;
    private double _lastThresholdUpdate = double.NaN;

    public BandwidthUsage Usage { get; private set; }

    public double Threshold { get; private set; } = InitialThreshold;

    public double Trend => _previousTrend;

    public void Reset()
    {
        _count = 0;
        _next = 0;
        _deltas = 0;
        _accumulated = 0;
        _smoothed = 0;
        _firstArrival = double.NaN;
        _previousTrend = 0;
        _overusingFor = -1;
        _overuses = 0;
        Usage = BandwidthUsage.Normal;
    }

    public void Update(in GroupDelta delta)
    {
        var arrival = delta.ArrivalMicroseconds / 1000.0;
        if (double.IsNaN(_firstArrival)) _firstArrival = arrival;
        _deltas = Math.Min(_deltas + 1, 1000);
        _accumulated += delta.ArrivalMilliseconds - delta.SendMilliseconds;
        _smoothed = (Smoothing * _smoothed) + ((1 - Smoothing) * _accumulated);
        _times[_next] = arrival - _firstArrival;
        _delays[_next] = _smoothed;
        _next = (_next + 1) % WindowSize;
        _count = Math.Min(_count + 1, WindowSize);

        var trend = _count == WindowSize ? Slope() ?? _previousTrend : _previousTrend;
        Detect(trend, delta.SendMilliseconds, arrival);
    }

    private void Detect(double trend, double sendDelta, double arrival)
    {
        if (_deltas < 2)
        {
            Usage = BandwidthUsage.Normal;
            return;
        }

        var modified = Math.Min(_deltas, MaxDeltas) * trend * ThresholdGain;
        if (modified > Threshold)
        {
            _overusingFor = _overusingFor < 0 ? sendDelta / 2 : _overusingFor + sendDelta;
            _overuses++;
            if (_overusingFor > OveruseMilliseconds && _overuses > 1 && trend >= _previousTrend)
            {
                _overusingFor = 0;
                _overuses = 0;
                Usage = BandwidthUsage.Overusing;
            }
        }
        else
        {
            _overusingFor = -1;
            _overuses = 0;
            Usage = modified < -Threshold ? BandwidthUsage.Underusing : BandwidthUsage.Normal;
        }

        _previousTrend = trend;
        Adapt(Math.Abs(modified), arrival);
    }

    private void Adapt(double modified, double now)
    {
        if (double.IsNaN(_lastThresholdUpdate)) _lastThresholdUpdate = now;

        // A high peak, from a sudden change of capacity, must not adapt the threshold.
        if (modified <= Threshold + MaxAdaptOffset)
        {
            var gain = modified < Threshold ? GainDown : GainUp;
            var elapsed = Math.Clamp(now - _lastThresholdUpdate, 0, MaxAdaptMilliseconds);
            Threshold = Math.Clamp(Threshold + (gain * (modified - Threshold) * elapsed), MinThreshold, MaxThreshold);
        }

        _lastThresholdUpdate = now;
    }

    private double? Slope()
    {
        double timeSum = 0, delaySum = 0;
        for (var i = 0; i < WindowSize; i++)
        {
            timeSum += _times[i];
            delaySum += _delays[i];
        }

        double timeMean = timeSum / WindowSize, delayMean = delaySum / WindowSize, numerator = 0, denominator = 0;
        for (var i = 0; i < WindowSize; i++)
        {
            numerator += (_times[i] - timeMean) * (_delays[i] - delayMean);
            denominator += (_times[i] - timeMean) * (_times[i] - timeMean);
        }

        return denominator == 0 ? null : numerator / denominator;
    }
}
