using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Captions and transcripts. Its names are those of Jigasi as a transcriber; ENABLE_TRANSCRIPTIONS stands in <see cref="ClientSettings"/>.</summary>
public static partial class KnownSettings
{
    private const string Transcription = "transcription";
    private const string WhenTranscribing = "set given ENABLE_TRANSCRIPTIONS";

    public static readonly Setting<string> TranscriberService = Text("JIGASI_TRANSCRIBER_CUSTOM_SERVICE", "", "Who turns speech into text: the last word of a class name of Jigasi's (Vosk, Whisper, Oracle); Google when unset", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> TranslationService = Text("JIGASI_TRANSCRIBER_CUSTOM_TRANSLATION_SERVICE", "", "Who translates it, likewise", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberRecordAudio = Switch("JIGASI_TRANSCRIBER_RECORD_AUDIO", false, "The audio is kept beside the transcript", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberSendText = Switch("JIGASI_TRANSCRIBER_SEND_TXT", false, "The text goes to the chat too", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberAdvertiseUrl = Switch("JIGASI_TRANSCRIBER_ADVERTISE_URL", false, "The transcript's address is told in the chat", "sip-gateway, edge-proxy").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberSaving = Switch("JIGASI_TRANSCRIBER_ENABLE_SAVING", true, "Transcripts are kept as files", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberTranslation = Switch("JIGASI_TRANSCRIBER_ENABLE_TRANSLATION", false, "Captions are translated", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<bool> TranscriberFilterSilence = Switch("JIGASI_TRANSCRIBER_FILTER_SILENCE", false, "Silence is not sent", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<Uri?> VoskUrl = Url("JIGASI_TRANSCRIBER_VOSK_URL", ["ws", "wss"], "The Vosk server", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<Uri?> WhisperUrl = Url("JIGASI_TRANSCRIBER_WHISPER_URL", ["ws", "wss"], "The Whisper server", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> WhisperKey = SecretText("JIGASI_TRANSCRIBER_WHISPER_PRIVATE_KEY", "a private key", _ => true, "Key of the token for it: the body of a PEM file", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> WhisperKeyName = Text("JIGASI_TRANSCRIBER_WHISPER_PRIVATE_KEY_NAME", "", "That key's name (kid)", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> OracleRegion = Text("JIGASI_TRANSCRIBER_OCI_REGION", "", "Region of Oracle's service", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> OracleCompartment = Text("JIGASI_TRANSCRIBER_OCI_COMPARTMENT", "", "Compartment of it", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<Uri?> LibreTranslateUrl = Url("JIGASI_TRANSCRIBER_LIBRETRANSLATE_URL", ["http", "https"], "The translation server", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<Uri?> TranscriberRemoteUrl = Url("JIGASI_TRANSCRIBER_REMOTE_CONFIG_URL", ["http", "https"], "Who says for each meeting what transcribes it", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> TranscriberRemoteAudience = Text("JIGASI_TRANSCRIBER_REMOTE_CONFIG_URL_AUD", "", "Audience of the token for it", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> TranscriberRemoteKeyId = Text("JIGASI_TRANSCRIBER_REMOTE_CONFIG_URL_KEY_ID", "", "Name (kid) of that token's key", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> TranscriberRemoteKeyPath = Text("JIGASI_TRANSCRIBER_REMOTE_CONFIG_URL_KEY_PATH", "", "File of that key", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> GoogleProject = Text("GC_PROJECT_ID", "", "Project of Google's service", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> GoogleKeyId = Text("GC_PRIVATE_KEY_ID", "", "Id of its key", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> GoogleKey = SecretText("GC_PRIVATE_KEY", "a private key", _ => true, "Its key in PEM; \\n for a line break", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> GoogleEmail = Text("GC_CLIENT_EMAIL", "", "Its account", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<string> GoogleClientId = Text("GC_CLIENT_ID", "", "Id of its account", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
    public static readonly Setting<Uri?> GoogleCertificateUrl = Url("GC_CLIENT_CERT_URL", ["https"], "Address of its account's certificate", "sip-gateway").TakesEffectWith(Transcription, WhenTranscribing);
}
