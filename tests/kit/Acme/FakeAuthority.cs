using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Acme.Messages;

namespace JitsiMesh.Kit.Acme;

/// <summary>Ways in which a <see cref="FakeAuthority"/> misbehaves.</summary>
public enum AuthorityFault
{
    None,
    RefusedOrders,
    FailedChallenges,
    ServerErrors,
    BadNonces,
    RateLimit,
    MalformedChain,
    ChainForAnotherKey,
    HugeAnswers,
    ForeignUrls,
    EndlessProcessing,
    Nonsense,
}

/// <summary>
/// An authority of RFC 8555, as far as tests need it: nonces that are valid once, checked signatures and bindings, orders with authorizations, chains from its own root. It is
/// written against the RFC and independent of the client's code, and misbehaves on demand.
/// </summary>
public sealed class FakeAuthority : IDisposable
{
    private readonly Dictionary<string, (ECDsa Key, string Jwk)> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Order> _orders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _bindings = new(StringComparer.Ordinal);
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Uri _origin;
    private readonly Func<DateTimeOffset> _now;
    private int _serial;

    /// <param name="origin">Where it is, with a slash at the end.</param>
    /// <param name="now">Its clock.</param>
    public FakeAuthority(Uri origin, Func<DateTimeOffset> now)
    {
        _origin = origin;
        _now = now;
        var request = new CertificateRequest("CN=Fake Root", _rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = request.CreateSelfSigned(now().AddYears(-1), now().AddYears(20));
    }

    public X509Certificate2 Root { get; }

    public Uri Directory => new(_origin, "directory");

    public AuthorityFault Fault { get; set; }

    /// <summary>New accounts need a binding.</summary>
    public bool WantsBinding { get; set; }

    /// <summary>How long its certificates live.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Looks for a proof: type, name, token and the right answer in; null or an error's type out.</summary>
    public Func<string, string, string, string, Task<string?>> Validate { get; set; } = (_, _, _, _) => Task.FromResult<string?>(null);

    public string Offers { get; set; } = "http-01 tls-alpn-01 dns-01";

    public int Accounts => _accounts.Count;

    /// <summary>The times of order requests, including refused ones.</summary>
    public List<DateTimeOffset> Orders { get; } = [];

    public int Issued { get; private set; }

    public List<string> Contacts { get; } = [];

    /// <summary>The requests, as "POST /order/1".</summary>
    public List<string> Requests { get; } = [];

    public void AddBinding(string keyId, byte[] secret) => _bindings[keyId] = secret;

    public void ForgetAccounts() => _accounts.Clear();

    public async Task<AcmeAnswer> AnswerAsync(AcmeRequest request)
    {
        var path = request.Url.AbsolutePath;
        Requests.Add($"{request.Method} {path}");
        switch (Fault)
        {
            case AuthorityFault.HugeAnswers:
                return new AcmeAnswer { Status = 200, Body = new byte[64 * 1024 * 1024] };
            case AuthorityFault.Nonsense:
                return new AcmeAnswer { Status = 200, Body = "{\"newNonce\":[1,{}],\"newAccount\":null,\"newOrder\":7}"u8.ToArray() };
            case AuthorityFault.ServerErrors when path != "/directory":
                return Problem(500, "serverInternal", "try later");
        }

        if (path == "/directory") return Json(200, Describe()) with { Nonce = null };
        if (path == "/nonce") return new AcmeAnswer { Status = 200, Nonce = NewNonce() };
        if (request.Method != "POST" || request.Body is null) return Problem(405, "malformed", "POST alone");
        using var jws = JsonDocument.Parse(request.Body);
        var (problem, account, payload) = Verify(jws.RootElement, request.Url, path);
        return problem ?? await RouteAsync(path, account, payload);
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        Root.Dispose();
        foreach (var (key, _) in _accounts.Values) key.Dispose();
    }

    private JsonObject Describe()
    {
        var origin = Fault == AuthorityFault.ForeignUrls ? new Uri("https://10.0.0.1/") : _origin;
        return new JsonObject
        {
            ["newNonce"] = new Uri(origin, "nonce").AbsoluteUri,
            ["newAccount"] = new Uri(origin, "account").AbsoluteUri,
            ["newOrder"] = new Uri(origin, "new-order").AbsoluteUri,
            ["meta"] = new JsonObject { ["externalAccountRequired"] = WantsBinding },
        };
    }

    private async Task<AcmeAnswer> RouteAsync(string path, string account, string payload)
    {
        if (path == "/account") return NewAccount(account, payload);
        if (path.StartsWith("/account/", StringComparison.Ordinal))
        {
            if (payload.Contains("contact", StringComparison.Ordinal)) Contacts.Add(payload);
            return Json(200, new JsonObject { ["status"] = "valid" });
        }

        if (path == "/new-order") return NewOrder(payload);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || !_orders.TryGetValue(parts[1], out var order)) return Problem(404, "malformed", "there is no such order");
        switch (parts[0])
        {
            case "order":
                return Json(200, Describe(order));
            case "authz":
                return Json(200, Describe(order, int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)));
            case "challenge":
                await ProveAsync(order, int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture), parts[3], account);
                return Json(200, new JsonObject { ["type"] = parts[3], ["status"] = "processing" });
            case "finalize":
                return Finalize(order, payload);
            case "certificate":
                return new AcmeAnswer { Status = 200, Body = Encoding.ASCII.GetBytes(Fault == AuthorityFault.MalformedChain ? "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" : order.Chain), Nonce = NewNonce() };
            default:
                return Problem(404, "malformed", "there is no such thing");
        }
    }

    private (AcmeAnswer? Problem, string Account, string Payload) Verify(JsonElement jws, Uri url, string path)
    {
        var signed = jws.GetProperty("protected").GetString() + "." + jws.GetProperty("payload").GetString();
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(jws.GetProperty("protected").GetString()));
        var root = header.RootElement;
        if (root.GetProperty("alg").GetString() != "ES256" || root.GetProperty("url").GetString() != url.AbsoluteUri) return (Problem(400, "malformed", "alg or url"), "", "");
        if (!_nonces.Remove(root.GetProperty("nonce").GetString()!) || Fault == AuthorityFault.BadNonces) return (Problem(400, "badNonce", "the nonce is not known"), "", "");
        string account;
        ECDsa key;
        if (root.TryGetProperty("jwk", out var jwk))
        {
            if (path != "/account") return (Problem(400, "malformed", "kid is needed"), "", "");
            (account, key) = (jwk.GetRawText(), Import(jwk));
        }
        else
        {
            var kid = root.GetProperty("kid").GetString()!;
            if (!_accounts.TryGetValue(kid, out var known)) return (Problem(400, "accountDoesNotExist", "there is no such account"), "", "");
            (account, key) = (known.Jwk, known.Key);
        }

        var isRight = key.VerifyData(Encoding.ASCII.GetBytes(signed), Base64Url.DecodeFromChars(jws.GetProperty("signature").GetString()), HashAlgorithmName.SHA256);
        return isRight ? (null, account, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.GetProperty("payload").GetString()))) : (Problem(400, "malformed", "the signature is wrong"), "", "");
    }

    private AcmeAnswer NewAccount(string jwk, string payload)
    {
        using var body = JsonDocument.Parse(payload);
        if (_accounts.FirstOrDefault(a => a.Value.Jwk == jwk) is { Key: { } existing }) return Json(200, new JsonObject { ["status"] = "valid" }) with { Location = existing };
        if (!body.RootElement.GetProperty("termsOfServiceAgreed").GetBoolean()) return Problem(400, "userActionRequired", "terms");
        if (WantsBinding && !IsBound(body.RootElement, jwk)) return Problem(403, "externalAccountRequired", "a binding is needed");
        Contacts.Add(payload);
        var url = new Uri(_origin, FormattableString.Invariant($"account/{_accounts.Count + 1}")).AbsoluteUri;
        using var parsed = JsonDocument.Parse(jwk);
        _accounts[url] = (Import(parsed.RootElement), jwk);
        return Json(201, new JsonObject { ["status"] = "valid" }) with { Location = url };
    }

    private bool IsBound(JsonElement body, string jwk)
    {
        if (!body.TryGetProperty("externalAccountBinding", out var binding)) return false;
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(binding.GetProperty("protected").GetString()));
        if (!_bindings.TryGetValue(header.RootElement.GetProperty("kid").GetString()!, out var secret) || header.RootElement.GetProperty("alg").GetString() != "HS256") return false;
        var mac = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(binding.GetProperty("protected").GetString() + "." + binding.GetProperty("payload").GetString()));
        return Base64Url.EncodeToString(mac) == binding.GetProperty("signature").GetString()
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(binding.GetProperty("payload").GetString())) == jwk;
    }

    private AcmeAnswer NewOrder(string payload)
    {
        Orders.Add(_now());
        if (Fault == AuthorityFault.RefusedOrders) return Problem(403, "rejectedIdentifier", "this authority does not like the name");
        if (Fault == AuthorityFault.RateLimit) return Problem(429, "rateLimited", "too many certificates already issued") with { RetryAfter = "7200" };
        using var body = JsonDocument.Parse(payload);
        var names = body.RootElement.GetProperty("identifiers").EnumerateArray().Select(i => i.GetProperty("value").GetString()!).ToList();
        var order = new Order(FormattableString.Invariant($"{_orders.Count + 1}"), names);
        _orders[order.Id] = order;
        return Json(201, Describe(order)) with { Location = new Uri(_origin, "order/" + order.Id).AbsoluteUri };
    }

    private JsonObject Describe(Order order)
    {
        var status = order.States.Any(s => s == "invalid") ? "invalid" : order.Chain.Length > 0 ? Fault == AuthorityFault.EndlessProcessing ? "processing" : "valid" : order.States.All(s => s == "valid") ? "ready" : "pending";
        var json = new JsonObject
        {
            ["status"] = status,
            ["authorizations"] = new JsonArray([.. order.Names.Select((_, i) => (JsonNode)new Uri(_origin, FormattableString.Invariant($"authz/{order.Id}/{i}")).AbsoluteUri)]),
            ["finalize"] = new Uri(_origin, "finalize/" + order.Id).AbsoluteUri,
        };
        if (status == "valid") json["certificate"] = new Uri(_origin, "certificate/" + order.Id).AbsoluteUri;
        return json;
    }

    private JsonObject Describe(Order order, int at)
    {
        var challenges = new JsonArray();
        foreach (var type in Offers.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var challenge = new JsonObject
            {
                ["type"] = type,
                ["url"] = new Uri(_origin, FormattableString.Invariant($"challenge/{order.Id}/{at}/{type}")).AbsoluteUri,
                ["status"] = order.States[at],
                ["token"] = order.Tokens[at],
            };
            if (order.States[at] == "invalid" && type == order.Tried[at]) challenge["error"] = new JsonObject { ["type"] = "urn:ietf:params:acme:error:" + order.Error, ["detail"] = "the authority looked and did not find it" };
            challenges.Add(challenge);
        }

        return new JsonObject { ["status"] = order.States[at], ["identifier"] = new JsonObject { ["type"] = "dns", ["value"] = order.Names[at] }, ["challenges"] = challenges };
    }

    private async Task ProveAsync(Order order, int at, string type, string account)
    {
        var authorization = order.Tokens[at] + "." + Thumbprint(account);
        order.Tried[at] = type;
        var error = Fault == AuthorityFault.FailedChallenges ? "connection" : await Validate(type, order.Names[at], order.Tokens[at], authorization);
        order.States[at] = error is null ? "valid" : "invalid";
        order.Error = error ?? "";
    }

    private AcmeAnswer Finalize(Order order, string payload)
    {
        if (order.States.Any(s => s != "valid")) return Problem(403, "orderNotReady", "not all names are proved");
        using var body = JsonDocument.Parse(payload);
        var request = CertificateRequest.LoadSigningRequest(Base64Url.DecodeFromChars(body.RootElement.GetProperty("csr").GetString()), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).Order(StringComparer.Ordinal);
        if (!names.SequenceEqual(order.Names.Order(StringComparer.Ordinal))) return Problem(400, "badCSR", "the names differ");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = new CertificateRequest(request.SubjectName, Fault == AuthorityFault.ChainForAnotherKey ? new PublicKey(other) : request.PublicKey, HashAlgorithmName.SHA256);
        foreach (var extension in request.CertificateExtensions) issued.CertificateExtensions.Add(extension);
        var certificate = issued.Create(Root.SubjectName, X509SignatureGenerator.CreateForECDsa(_rootKey), _now(), _now() + Life, [1, (byte)(++_serial >> 8), (byte)_serial]);
        order.Chain = certificate.ExportCertificatePem() + "\n" + Root.ExportCertificatePem() + "\n";
        Issued++;
        return Json(200, Describe(order));
    }

    private AcmeAnswer Json(int status, JsonObject body) => new() { Status = status, Body = Encoding.UTF8.GetBytes(body.ToJsonString()), Nonce = NewNonce() };

    private AcmeAnswer Problem(int status, string type, string detail) => Json(status, new JsonObject { ["type"] = "urn:ietf:params:acme:error:" + type, ["detail"] = detail });

    private string NewNonce()
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        _nonces.Add(nonce);
        return nonce;
    }

    private static ECDsa Import(JsonElement jwk) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
    });

    // RFC 7638: the members in lexical order, without white space.
    private static string Thumbprint(string jwk)
    {
        using var parsed = JsonDocument.Parse(jwk);
        var members = string.Join(',', parsed.RootElement.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"\"{m.Name}\":\"{m.Value.GetString()}\""));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes("{" + members + "}")));
    }

    private sealed class Order(string id, IReadOnlyList<string> names)
    {
        public string Id { get; } = id;

        public IReadOnlyList<string> Names { get; } = names;

        public string[] States { get; } = [.. names.Select(_ => "pending")];

        public string[] Tried { get; } = [.. names.Select(_ => "")];

        public string[] Tokens { get; } = [.. names.Select(_ => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)))];

        public string Error { get; set; } = "";

        public string Chain { get; set; } = "";
    }
}
