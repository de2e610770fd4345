using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The recorder. Its names are those of Jibri; ENABLE_RECORDING and the values for the web page are in <see cref="ClientSettings"/>.</summary>
public static partial class KnownSettings
{
    private const string Recording = "recording and streaming";
    private const string WhenRecording = "set given ENABLE_RECORDING";

    public static readonly Setting<string> JibriBrewery = Text("JIBRI_BREWERY_MUC", "jibribrewery", "Pool in which recorders announce themselves", "recorder, focus").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<TimeSpan> JibriPendingTimeout = Seconds("JIBRI_PENDING_TIMEOUT", 90, 1, 3600, "How long a chosen recorder may take to begin", "focus").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriRequestRetries = Number("JIBRI_REQUEST_RETRIES", 5, 0, 100, "Other recorders that are tried when one fails", "focus").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriSipBrewery = Text("JIBRI_SIP_BREWERY_MUC", "", "Pool of recorders that call by SIP with video", "focus").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriRecordingDir = Text("JIBRI_RECORDING_DIR", "/storage/recordings", "Folder of finished recordings", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriFinalizeScript = Text("JIBRI_FINALIZE_RECORDING_SCRIPT_PATH", "", "Program that is run with the folder of each finished recording", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriStripDomain = Text("JIBRI_STRIP_DOMAIN_JID", "", "First label of the rooms' domain, which a page's address leaves out; that of XMPP_MUC_DOMAIN when unset", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriLogsDir = Text("JIBRI_LOGS_DIR", "", "Folder for the recorder's log files; the standard output alone when unset", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriInstanceId = Text("JIBRI_INSTANCE_ID", "", "The recorder's name in its pool; MESH_NODE_NAME when unset", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<bool> JibriSingleUse = Switch("JIBRI_SINGLE_USE_MODE", false, "A recorder takes one job and ends", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<TimeSpan> JibriUsageTimeout = Seconds("JIBRI_USAGE_TIMEOUT", 0, 0, 604800, "Longest recording (2 hours); 0 for no limit", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriResolution = Text("JIBRI_RECORDING_RESOLUTION", "1280x720", "Size of the picture", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriFramerate = Number("JIBRI_RECORDING_FRAMERATE", 30, 1, 60, "Pictures a second", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriRateFactor = Number("JIBRI_RECORDING_CONSTANT_RATE_FACTOR", 25, 0, 51, "Quality of H.264 (CRF): less is better and larger", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriQueueSize = Number("JIBRI_RECORDING_QUEUE_SIZE", 4096, 1, 1000000, "Packets that may wait for the encoder", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriStreamingBitrate = Text("JIBRI_RECORDING_STREAMING_MAX_BITRATE", "2976k", "Highest bit rate of a stream, in bit/s with k or M", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriPresetRecording = Text("JIBRI_RECORDING_VIDEO_ENCODE_PRESET_RECORDING", "ultrafast", "x264 preset of files", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<string> JibriPresetStreaming = Text("JIBRI_RECORDING_VIDEO_ENCODE_PRESET_STREAMING", "veryfast", "x264 preset of streams", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<IReadOnlyList<Uri>> JibriWebhooks = Urls("JIBRI_WEBHOOK_SUBSCRIBERS", ["http", "https"], "Addresses that are told of the recorder's state, at /v1/status", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriHttpExternalPort = Number("JIBRI_HTTP_API_EXTERNAL_PORT", 2222, 1, 65535, "Port of the recorder's API", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<int> JibriHttpInternalPort = Number("JIBRI_HTTP_API_INTERNAL_PORT", 3333, 1, 65535, "Port of the recorder's local control", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<bool> JibriPrometheus = Switch("JIBRI_ENABLE_PROMETHEUS", false, "The recorder's API has /metrics too", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<bool> JibriStatsD = Switch("ENABLE_STATS_D", false, "Numbers go to a StatsD server", "recorder").TakesEffectWith(Recording, "on given ENABLE_RECORDING");
    public static readonly Setting<string> JibriStatsDHost = Text("JIBRI_STATSD_HOST", "localhost", "The StatsD server", "recorder").TakesEffectWith(Recording, "set given ENABLE_STATS_D");
    public static readonly Setting<int> JibriStatsDPort = Number("JIBRI_STATSD_PORT", 8125, 1, 65535, "Its port", "recorder").TakesEffectWith(Recording, "set given ENABLE_STATS_D");
    public static readonly Setting<string> ChromiumFlags = Text("CHROMIUM_FLAGS", "", "Options of a browser that records", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<bool> IgnoreCertificateErrors = Switch("IGNORE_CERTIFICATE_ERRORS", false, "Such a browser takes a self-signed certificate", "recorder").TakesEffectWith(Recording, WhenRecording);
    public static readonly Setting<bool> RecordingMetadata = Switch("PROSODY_ENABLE_RECORDING_METADATA", true, "Who began a recording stands in what the recorder is told, where people have tokens", "signalling").TakesEffectWith(Recording, WhenRecording);
}
