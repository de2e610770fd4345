using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Signalling.Administration;

/// <summary>Which pages of administration there are, and on which ports.</summary>
/// <param name="RoomSize">Who may ask for the size of a room.</param>
/// <param name="RoomSizePublic">Public ports answer it too.</param>
/// <param name="Public">Public ports take administration too.</param>
public sealed record AdministrationOptions(RoomSizeAccess RoomSize, bool RoomSizePublic, bool Public)
{
    public static AdministrationOptions From(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new AdministrationOptions(settings.RoomSize, settings.Get(KnownSettings.RoomSizePublic), settings.Get(KnownSettings.AdministrationPublic));
    }
}
