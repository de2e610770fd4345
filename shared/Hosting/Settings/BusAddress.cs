using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// Where RabbitMQ is: one node, or all nodes of one cluster, <c>amqp://user:password@a:5672,b:5672/vhost</c>. The account and the virtual host are the cluster's, so that they stand
/// there once.
/// </summary>
public sealed class BusAddress
{
    private BusAddress(IReadOnlyList<Uri> nodes) => Nodes = nodes;

    /// <summary>A URL for each node, each with the credentials and the virtual host.</summary>
    public IReadOnlyList<Uri> Nodes { get; }

    public static BusAddress Of(Uri node) => new([node]);

    public static bool TryParse(string text, [NotNullWhen(true)] out BusAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null;
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;

        // Several URLs: which account would count?
        if (start < 3 || text.IndexOf("://", start, StringComparison.Ordinal) >= 0) return false;
        var end = text.IndexOfAny(['/', '?', '#'], start);
        if (end < 0) end = text.Length;

        // A comma in the password is no border between nodes.
        var hosts = text.LastIndexOf('@', end - 1, end - start) + 1;
        if (hosts == 0) hosts = start;
        List<Uri> nodes = [];
        foreach (var host in text[hosts..end].Split(','))
        {
            if (!Uri.TryCreate(text[..hosts] + host.Trim() + text[end..], UriKind.Absolute, out var node) || node.Scheme is not ("amqp" or "amqps") || node.Host.Length == 0) return false;
            nodes.Add(node);
        }

        if (nodes.Select(node => node.Authority).Distinct(StringComparer.OrdinalIgnoreCase).Count() < nodes.Count) return false;
        address = new BusAddress(nodes);
        return true;
    }

    /// <summary>The hosts, without the secret.</summary>
    public override string ToString() => string.Join(", ", Nodes.Select(node => node.Authority));
}
