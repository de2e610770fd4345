using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Settings;

/// <summary>A port, with the address to bind if given (<c>127.0.0.1:8000</c>). With port 0 the system chooses.</summary>
public readonly record struct BindPort(IPAddress? Address, int Port)
{
    public override string ToString() => Address is null
        ? Port.ToString(CultureInfo.InvariantCulture)
        : new IPEndPoint(Address, Port).ToString();
}

/// <summary>An address to put into candidates, with the port when it differs from the socket's (<c>203.0.113.4#10001</c>).</summary>
public readonly record struct AdvertisedAddress(IPAddress Address, int? Port);

public readonly record struct HostAndPort(string Host, int Port);

public enum LogVerbosity
{
    Debug,
    Info,
    Warn,
    Error,
}

public enum LogFormat
{
    Text,
    Json,
}

/// <summary>The kinds of values, each with one parser: a boolean is the same boolean in every setting.</summary>
internal static partial class SettingKinds
{
    public static Setting<string> Text(string name, string defaultValue, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out string value) => { value = text; return true; }, defaultValue, defaultValue, "a text", description, readBy);

    /// <summary>Empty by default. A value that every sample shows, or one shorter than 8 characters, is refused like none at all.</summary>
    public static Setting<string> Secret(string name, string description, string readBy) =>
        new(name, TryParseSecret, "", "", "a secret of at least 8 characters that no sample shows (./gen-passwords.sh makes one)", description, readBy, secret: true, provesService: true);

    /// <summary>A secret that is optional and has no requirements: credentials inside a URL.</summary>
    public static Setting<string> SecretText(string name, string expected, Func<string, bool> accepts, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out string value) => { value = text; return accepts(text); }, "", "", expected, description, readBy, secret: true);

    public static Setting<string> Domain(string name, string defaultValue, string description, string readBy) =>
        new(name, TryParseDomain, defaultValue, defaultValue, "a domain name (letters, digits, dashes, dots)", description, readBy);

    public static Setting<bool> Switch(string name, bool defaultValue, string description, string readBy) =>
        new(name, TryParseSwitch, defaultValue, defaultValue ? "1" : "0", "a boolean (1, 0, true, false, yes, no, on, off)", description, readBy);

    public static Setting<int> Number(string name, int defaultValue, int min, int max, string description, string readBy) =>
        new(name, (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= min && value <= max,
            defaultValue, defaultValue.ToString(CultureInfo.InvariantCulture), FormattableString.Invariant($"a number from {min} to {max}"), description, readBy);

    public static Setting<double> Decimal(string name, double defaultValue, double min, double max, string description, string readBy) =>
        new(name, (string text, out double value) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value >= min && value <= max,
            defaultValue, defaultValue.ToString(CultureInfo.InvariantCulture), FormattableString.Invariant($"a number from {min} to {max}, with a point for fractions"), description, readBy);

    public static Setting<BindPort> Port(string name, int defaultValue, string description, string readBy) =>
        new(name, TryParseBindPort, new BindPort(null, defaultValue), defaultValue.ToString(CultureInfo.InvariantCulture),
            "a port from 0 to 65535, or address:port", description, readBy);

    /// <summary>A port that is not opened unless it is set.</summary>
    public static Setting<BindPort?> OptionalPort(string name, string description, string readBy) =>
        new(name, (string text, out BindPort? value) => { var parsed = TryParseBindPort(text, out var port); value = parsed ? port : null; return parsed; }, null, "",
            "a port from 0 to 65535, or address:port", description, readBy);

    /// <summary>An address to listen on; IPv6Any means all addresses of both families.</summary>
    public static Setting<IPAddress> Address(string name, string description, string readBy) =>
        new(name, TryParseListenAddress, IPAddress.Loopback, "127.0.0.1", "an IP address, or any", description, readBy);

    /// <param name="name">The name.</param>
    /// <param name="defaultValue">The value if the setting is unset.</param>
    /// <param name="description">The meaning of the setting.</param>
    /// <param name="readBy">The services that read it.</param>
    /// <param name="follows">Other settings determine the value if this one is unset, so there is no fixed default.</param>
    public static Setting<TEnum> Choice<TEnum>(string name, TEnum defaultValue, string description, string readBy, bool follows = false) where TEnum : struct, Enum
    {
        var names = string.Join(", ", Enum.GetNames<TEnum>().Select(n => n.ToLowerInvariant()));
        return new Setting<TEnum>(name, (string text, out TEnum value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]),
            defaultValue, follows ? "" : Enum.GetName(defaultValue)!.ToLowerInvariant(), "one of " + names, description, readBy);
    }

    public static Setting<string> Word(string name, string defaultValue, IReadOnlyList<string> words, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out string value) =>
            {
                value = words.FirstOrDefault(w => string.Equals(w, text, StringComparison.OrdinalIgnoreCase));
                return value is not null;
            },
            defaultValue, defaultValue, "one of " + string.Join(", ", words), description, readBy);

    /// <summary>A memory size in the form of compose (a number followed by b, k, m or g); 0 for no limit.</summary>
    /// <param name="name">The name.</param>
    /// <param name="leastMiB">The minimum in MiB; with less the bounded process would not start.</param>
    /// <param name="description">The meaning of the setting.</param>
    /// <param name="readBy">The services that read it.</param>
    public static Setting<long> MemorySize(string name, int leastMiB, string description, string readBy) =>
        new(name, (string text, out long value) => TryParseMemory(text, out value) && (value == 0 || value >= (long)leastMiB << 20), 0, "0",
            FormattableString.Invariant($"0, or a size such as 512m or 3g of {leastMiB}m at least"), description, readBy);

    /// <summary>A container's restart policy in the form of compose.</summary>
    public static Setting<string> Restarts(string name, string defaultValue, string description, string readBy) =>
        new(name, TryParseRestarts, defaultValue, defaultValue, "one of no, always, on-failure, on-failure:N, unless-stopped", description, readBy);

    public static Setting<Uri?> Url(string name, IReadOnlyList<string> schemes, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out Uri? value) =>
                Uri.TryCreate(text, UriKind.Absolute, out value) && schemes.Contains(value.Scheme) && value.Host.Length > 0,
            null, "", "a URL that begins with " + string.Join(" or ", schemes.Select(s => s + "://")), description, readBy);

    public static Setting<IReadOnlyList<Uri>> Urls(string name, IReadOnlyList<string> schemes, string description, string readBy) => UrlsOr(name, "", schemes, description, readBy);

    public static Setting<IReadOnlyList<Uri>> UrlsOr(string name, string defaultText, IReadOnlyList<string> schemes, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out IReadOnlyList<Uri> value) =>
            {
                List<Uri> urls = [];
                foreach (var part in Split(text))
                {
                    if (!Uri.TryCreate(part, UriKind.Absolute, out var url) || !schemes.Contains(url.Scheme) || url.Host.Length == 0)
                    {
                        value = null;
                        return false;
                    }

                    urls.Add(url);
                }

                value = urls;
                return urls.Count > 0;
            },
            [.. Split(defaultText).Select(part => new Uri(part))], defaultText, "a comma separated list of URLs that begin with " + string.Join(" or ", schemes.Select(s => s + "://")), description, readBy);

    public static Setting<TimeSpan> Seconds(string name, int defaultSeconds, int min, int max, string description, string readBy) =>
        new(name, (string text, out TimeSpan value) => TryParseDuration(text, out value) && value.TotalSeconds >= min && value.TotalSeconds <= max,
            TimeSpan.FromSeconds(defaultSeconds), defaultSeconds.ToString(CultureInfo.InvariantCulture),
            FormattableString.Invariant($"a duration from {min} s to {max} s (30, 30s, 2m, 1h)"), description, readBy);

    public static Setting<IReadOnlyList<string>> List(string name, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out IReadOnlyList<string> value) => { value = Split(text); return true; },
            [], "", "a comma separated list", description, readBy);

    public static Setting<IReadOnlyList<AdvertisedAddress>> Addresses(string name, string description, string readBy) =>
        new(name, TryParseAddresses, [], "", "a comma separated list of IP addresses, each with #port if it differs from JVB_PORT", description, readBy);

    public static Setting<IReadOnlyList<HostAndPort>> HostPorts(string name, string defaultText, int defaultPort, string description, string readBy)
    {
        if (!TryParseHostPorts(defaultText, defaultPort, out var defaults)) throw new ArgumentException(name, nameof(defaultText));
        return new Setting<IReadOnlyList<HostAndPort>>(name,
            (string text, [MaybeNullWhen(false)] out IReadOnlyList<HostAndPort> value) => TryParseHostPorts(text, defaultPort, out value),
            defaults, defaultText, "a comma separated list of host:port", description, readBy);
    }

    public static Setting<IReadOnlyList<IPNetwork>> Networks(string name, string defaultText, string description, string readBy)
    {
        if (!TryParseNetworks(defaultText, out var defaults)) throw new ArgumentException(name, nameof(defaultText));
        return new Setting<IReadOnlyList<IPNetwork>>(name, TryParseNetworks, defaults, defaultText,
            "a comma separated list of networks such as 10.0.0.0/8, or addresses", description, readBy);
    }

    /// <summary>The sources of a frame-ancestors directive, separated by spaces or commas; the two keywords with or without their quotes.</summary>
    public static Setting<string> FrameSources(string name, string description, string readBy) =>
        new(name, TryParseFrameSources, "", "", "a list of 'self', 'none', or addresses such as https://portal.example", description, readBy);

    // Jitsi's templates take t and f too.
    internal static bool TryParseSwitch(string text, out bool value)
    {
        value = text.ToUpperInvariant() is "1" or "T" or "TRUE" or "YES" or "ON";
        return value || text.ToUpperInvariant() is "0" or "F" or "FALSE" or "NO" or "OFF";
    }

    internal static bool TryParseDuration(string text, out TimeSpan value)
    {
        value = default;
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        if (end == 0 || !long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > int.MaxValue) return false;
        TimeSpan? unit = text[end..].Trim().ToLowerInvariant() switch
        {
            "" or "s" or "sec" or "second" or "seconds" => TimeSpan.FromSeconds(1),
            "ms" or "millisecond" or "milliseconds" => TimeSpan.FromMilliseconds(1),
            "m" or "min" or "minute" or "minutes" => TimeSpan.FromMinutes(1),
            "h" or "hour" or "hours" => TimeSpan.FromHours(1),
            "d" or "day" or "days" => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is null) return false;
        value = unit.Value * count;
        return true;
    }

    internal static IReadOnlyList<string> Split(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The value in every sample of the Jitsi tables.</summary>
    internal const string SamplePassword = "passw0rd";

    private static bool TryParseMemory(string text, out long octets)
    {
        octets = 0;
        if (SizeOfMemory().Match(text) is not { Success: true } match) return false;
        var unit = match.Groups["unit"].Value.ToUpperInvariant() switch { "K" => 10, "M" => 20, "G" => 30, _ => 0 };

        // Twelve digits at most: not beyond 2^40, and with a unit of gigabytes not beyond 2^70.
        var count = (Int128)long.Parse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) << unit;
        if (count > long.MaxValue) return false;
        octets = (long)count;
        return true;
    }

    private static bool TryParseSecret(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length >= 8 && text != SamplePassword;
    }

    private static bool TryParseRestarts(string text, [MaybeNullWhen(false)] out string value)
    {
        const string Limited = "on-failure:";
        value = text.ToLowerInvariant();
        return value is "no" or "always" or "on-failure" or "unless-stopped"
            || (value.StartsWith(Limited, StringComparison.Ordinal) && int.TryParse(value.AsSpan(Limited.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    private static bool TryParseDomain(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text.ToLowerInvariant();
        return Uri.CheckHostName(value) is UriHostNameType.Dns && !value.EndsWith('.');
    }

    private static bool TryParseFrameSources(string text, [MaybeNullWhen(false)] out string value)
    {
        var sources = text.Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(s => s.Trim('\'').ToLowerInvariant() is "self" or "none" ? $"'{s.Trim('\'').ToLowerInvariant()}'" : s).ToList();
        value = string.Join(' ', sources);
        return sources.Count > 0 && sources.All(s => s is "'self'" or "'none'" || FrameSource().IsMatch(s)) && (sources.Count == 1 || !sources.Contains("'none'"));
    }

    private static bool TryParseBindPort(string text, out BindPort value)
    {
        value = default;
        var colon = text.LastIndexOf(':');
        IPAddress? address = null;
        if (colon >= 0 && !IPAddress.TryParse(text.AsSpan(0, colon).Trim("[]"), out address)) return false;
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        value = new BindPort(address, port);
        return true;
    }

    private static bool TryParseListenAddress(string text, [MaybeNullWhen(false)] out IPAddress value)
    {
        value = IPAddress.IPv6Any;
        return text.ToUpperInvariant() is "ANY" or "*" || (IPAddress.TryParse(text.Trim('[', ']'), out value) && (text.Contains(':', StringComparison.Ordinal) || text.Split('.').Length == 4));
    }

    private static bool TryParseAddresses(string text, [MaybeNullWhen(false)] out IReadOnlyList<AdvertisedAddress> value)
    {
        var addresses = new List<AdvertisedAddress>();
        value = addresses;
        foreach (var item in Split(text))
        {
            var hash = item.IndexOf('#', StringComparison.Ordinal);
            var addressText = hash < 0 ? item : item[..hash];

            // IPAddress accepts "1" and "10.1" too, which are never intended here.
            if (!IPAddress.TryParse(addressText, out var address) || (!addressText.Contains(':', StringComparison.Ordinal) && addressText.Split('.').Length != 4)) return false;
            int? port = null;
            if (hash >= 0)
            {
                if (!ushort.TryParse(item.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return false;
                port = number;
            }

            addresses.Add(new AdvertisedAddress(address, port));
        }

        return true;
    }

    private static bool TryParseHostPorts(string text, int defaultPort, [MaybeNullWhen(false)] out IReadOnlyList<HostAndPort> value)
    {
        var hosts = new List<HostAndPort>();
        value = hosts;
        foreach (var item in Split(text))
        {
            var colon = item.LastIndexOf(':');
            var host = colon < 0 ? item : item[..colon];
            var port = (ushort)defaultPort;
            if (colon >= 0 && (!ushort.TryParse(item.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0)) return false;
            host = host.Trim('[', ']');
            if (Uri.CheckHostName(host) is UriHostNameType.Unknown) return false;
            hosts.Add(new HostAndPort(host, port));
        }

        return true;
    }

    private static bool TryParseNetworks(string text, [MaybeNullWhen(false)] out IReadOnlyList<IPNetwork> value)
    {
        var networks = new List<IPNetwork>();
        value = networks;
        foreach (var item in Split(text))
        {
            // One address is a network of one.
            if (IPNetwork.TryParse(item, out var network)) networks.Add(network);
            else if (IPAddress.TryParse(item, out var address) && (item.Contains(':', StringComparison.Ordinal) || item.Split('.').Length == 4)) networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else return false;
        }

        return true;
    }

    [GeneratedRegex("^(?<count>[0-9]{1,12})(?:(?<unit>[kmg])b?|b)?$", RegexOptions.IgnoreCase)]
    private static partial Regex SizeOfMemory();

    // Scheme, host (with a wildcard in front), port: all optional but not all missing (Content Security Policy Level 3, host-source and scheme-source).
    [GeneratedRegex(@"^(https?:|(https?://)?(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:([0-9]{1,5}|\*))?)$")]
    private static partial Regex FrameSource();
}
