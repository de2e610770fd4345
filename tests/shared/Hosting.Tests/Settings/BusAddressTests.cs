using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Tests.Settings;

public sealed class BusAddressTests
{
    [Theory]
    [InlineData("amqp://mesh:secret@rabbitmq", "amqp://mesh:secret@rabbitmq/")]
    [InlineData("amqp://mesh:secret@a:5672,b:5673,c", "amqp://mesh:secret@a:5672/ amqp://mesh:secret@b:5673/ amqp://mesh:secret@c/")]
    [InlineData("amqps://mesh:secret@a:5671, b:5671/meet", "amqps://mesh:secret@a:5671/meet amqps://mesh:secret@b:5671/meet")]
    [InlineData("amqp://mesh:se,cr%40et@a,[::1]:5672", "amqp://mesh:se,cr%40et@a/ amqp://mesh:se,cr%40et@[::1]:5672/")]
    [InlineData("amqp://a,b", "amqp://a/ amqp://b/")]
    public void TryParse_NodesOfOneCluster_AreAUrlEach(string text, string expected)
    {
        Assert.True(BusAddress.TryParse(text, out var address));
        Assert.Equal(expected, string.Join(' ', address.Nodes));
        Assert.DoesNotContain("secret", address.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("memory")]
    [InlineData("amqp://")]
    [InlineData("amqp://mesh:secret@")]
    [InlineData("amqp://mesh:secret@a,")]
    [InlineData("amqp://mesh:secret@a,b:70000")]
    [InlineData("amqp://mesh:secret@a,A")]
    [InlineData("amqp://mesh:secret@a,mesh:secret@b")]
    [InlineData("redis://a,b")]
    [InlineData("amqp:/a")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(BusAddress.TryParse(text, out _));

    [Theory]
    [InlineData("redis:6379", false)]
    [InlineData("a:6379,b:6379", true)]
    [InlineData("a:26379,b:26379,c:26379,serviceName=mesh,password=secret", false)]
    public void From_SeveralAddressesOfRedisWithoutServiceName_AreNamedByEveryService(string redis, bool warned)
    {
        var notices = MeshSettings.From([new("MESH_REDIS", redis)]).NoticesOf("focus").Where(notice => notice.Text.StartsWith("MESH_REDIS: ", StringComparison.Ordinal)).ToList();

        Assert.Equal(warned ? 1 : 0, notices.Count);
    }
}
