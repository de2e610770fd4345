namespace JitsiMesh.Focus.Conferences;

/// <summary>The presence of the focus in the room, which tells clients about the conference.</summary>
internal sealed class FocusPresence(ConferenceDocument document, ConferenceEffects effects, FocusOptions options)
{
    private readonly FocusStanzas _stanzas = new(options);

    public void Join() => effects.Send(_stanzas.Join(document.Core.Room));

    public void Publish() => effects.Send(_stanzas.Status(document.Core));

    public void Leave() => effects.Send(_stanzas.Leave(document.Core.Room));
}
