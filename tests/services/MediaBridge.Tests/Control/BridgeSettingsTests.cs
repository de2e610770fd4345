using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.MediaBridge.Tests.Control;

public sealed class BridgeSettingsTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    public void The_estimate_is_trusted_unless_the_setting_says_otherwise(string? value, bool trusted)
    {
        var settings = MeshSettings.From([KeyValuePair.Create("JVB_CC_TRUST_BWE", value)]);

        Assert.Equal(trusted, MediaBridgeModule.FromSettings(settings).TrustEstimate);
    }
}
