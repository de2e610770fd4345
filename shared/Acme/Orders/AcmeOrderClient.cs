using System.Buffers.Text;
using JitsiMesh.Acme.Certificates;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Jose;
using JitsiMesh.Acme.Messages;

namespace JitsiMesh.Acme.Orders;

/// <summary>
/// One order of RFC 8555, from the directory to the chain, without I/O: each call returns the next action. It requests at most one new order, and none when it resumes an earlier one.
/// </summary>
public sealed class AcmeOrderClient
{
    private enum Stage
    {
        Directory,
        Account,
        Contact,
        Count,
        NewOrder,
        Order,
        Authorization,
        Respond,
        Validation,
        Finalize,
        Download,
        Alternate,
        Ended,
    }

    private readonly AcmeOrderOptions _options;
    private readonly List<(Uri Authorization, AcmeChallenge Challenge, string Name)> _proofs = [];
    private AcmeDirectory? _directory;
    private AcmeOrder? _order;
    private Uri? _account;
    private Uri? _orderUrl;
    private Stage _stage = Stage.Directory;
    private bool _askingForNonce;
    private bool _accountIsKept;
    private bool _ordered;
    private bool _proved;
    private string? _nonce;
    private int _at;
    private int _requests;
    private int _badNonces;
    private int _repetitions;
    private DateTimeOffset _end;
    private CertificateChain? _chain;
    private IReadOnlyList<Uri> _alternates = [];

    public AcmeOrderClient(AcmeOrderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Directory.Scheme != Uri.UriSchemeHttps) throw new ArgumentException("The directory of an authority is an HTTPS URL.", nameof(options));
        if (options.Names.Count is 0 or > AcmeLimits.Identifiers) throw new ArgumentException("A certificate has one to twenty names.", nameof(options));
        _options = options;
        _account = options.Account;
        _accountIsKept = options.Account is not null;
        _orderUrl = options.Account is null ? null : options.Order;
    }

    public AcmeAction Start(DateTimeOffset now)
    {
        _end = now + AcmeLimits.OrderTime;
        return Ask(now);
    }

    /// <summary>The authority has answered the request.</summary>
    public AcmeAction Receive(AcmeAnswer answer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (AcmeAuthorization.IsToken(answer.Nonce)) _nonce = answer.Nonce;
        if (answer.Status is < 200 or >= 300) return Refused(answer, now);
        if (answer.Body.Length > AcmeLimits.AnswerOctets) return End(AcmeReason.TooLarge, $"{Asked()}: the answer is too long");
        _repetitions = 0;
        if (_askingForNonce)
        {
            _askingForNonce = false;
            return _nonce is null ? End(AcmeReason.Malformed, "a request for a nonce: the answer has none") : Ask(now);
        }

        _badNonces = 0;
        return _stage switch
        {
            Stage.Directory => ReadDirectory(answer, now),
            Stage.Account => ReadAccount(answer),
            Stage.Contact => Go(Stage.Count, now),
            Stage.NewOrder => ReadNewOrder(answer, now),
            Stage.Order or Stage.Finalize => ReadOrder(answer, now),
            Stage.Authorization => ReadAuthorization(answer, now),
            Stage.Respond => Responded(now),
            Stage.Validation => ReadValidation(answer, now),
            Stage.Download or Stage.Alternate => ReadChain(answer, now),
            _ => End(AcmeReason.Malformed, "an unexpected answer"),
        };
    }

    /// <summary>Reports that there is no answer.</summary>
    public AcmeAction Fail(AcmeFault fault, string text, DateTimeOffset now)
    {
        var reason = fault switch { AcmeFault.Timeout => AcmeReason.Timeout, AcmeFault.TooLarge => AcmeReason.TooLarge, _ => AcmeReason.Unreachable };

        // The authority may have created the order although the answer was lost: a second request might create another one.
        if (fault == AcmeFault.TooLarge || !MayRepeat) return End(reason, $"{Asked()}: {AcmeProblem.OneLine(text)}");
        _repetitions++;
        return PauseFor(AcmeLimits.PollPause * _repetitions, now);
    }

    /// <summary>Reports that the requested action (store, present, wait) is done.</summary>
    public AcmeAction Continue(DateTimeOffset now) => Ask(now);

    private bool MayRepeat => _repetitions < AcmeLimits.Repetitions && (_stage != Stage.NewOrder || _askingForNonce);

    private AcmeAction Go(Stage stage, DateTimeOffset now)
    {
        _stage = stage;
        return Ask(now);
    }

    private AcmeAction Ask(DateTimeOffset now)
    {
        if (_stage == Stage.Ended) return End(AcmeReason.Malformed, "the order has already ended");
        if (now > _end) return End(AcmeReason.Timeout, $"{Asked()}: not done within {AcmeLimits.OrderTime.TotalMinutes:0} minutes");
        if (++_requests > AcmeLimits.Requests) return End(AcmeReason.Malformed, $"{Asked()}: not done after {AcmeLimits.Requests} requests");
        if (_stage == Stage.Directory) return new SendRequest(new AcmeRequest("GET", _options.Directory, null));
        if (_stage == Stage.Count)
        {
            if (_orderUrl is not null)
            {
                _ordered = true;
                _stage = Stage.Order;
            }
            else
            {
                _stage = Stage.NewOrder;
                return new CountOrder();
            }
        }

        if (_nonce is null)
        {
            _askingForNonce = true;
            return new SendRequest(new AcmeRequest("HEAD", _directory!.NewNonce, null));
        }

        return _stage switch
        {
            Stage.Account => Post(_directory!.NewAccount, NewAccount(), withKey: true),
            Stage.Contact => Post(_account!, SignedRequest.Write(json => WriteContact(json))),
            Stage.NewOrder => AskForOrder(),
            Stage.Order => Post(_orderUrl!, ""),
            Stage.Authorization => Post(_order!.Authorizations[_at], ""),
            Stage.Respond => Post(_proofs[_at].Challenge.Url, "{}"),
            Stage.Validation => Post(_proofs[_at].Authorization, ""),
            Stage.Finalize => Post(_order!.Finalize, SignedRequest.Write(json => json.WriteString("csr"u8, Base64Url.EncodeToString(SigningRequest.Create(_options.Names, _options.CertificateKey))))),
            Stage.Download => Post(_order!.Certificate!, "", accept: AcmeRequest.ChainType),
            _ => Post(_alternates[_at], "", accept: AcmeRequest.ChainType),
        };
    }

    private SendRequest AskForOrder()
    {
        _ordered = true;
        return Post(_directory!.NewOrder, SignedRequest.Write(json =>
        {
            json.WriteStartArray("identifiers"u8);
            foreach (var name in _options.Names)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "dns"u8);
                json.WriteString("value"u8, name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }));
    }

    private SendRequest Post(Uri url, string payload, bool withKey = false, string? accept = null)
    {
        var nonce = _nonce!;
        _nonce = null;
        return new SendRequest(new AcmeRequest("POST", url, SignedRequest.Create(_options.AccountKey, withKey ? null : _account, nonce, url, payload), accept));
    }

    private string NewAccount() => SignedRequest.Write(json =>
    {
        json.WriteBoolean("termsOfServiceAgreed"u8, true);
        WriteContact(json);
        if (_options.ExternalAccount is not { } outside) return;
        json.WritePropertyName("externalAccountBinding"u8);
        json.WriteRawValue(SignedRequest.Bind(_options.AccountKey, outside.KeyId, outside.Secret, _directory!.NewAccount));
    });

    private void WriteContact(System.Text.Json.Utf8JsonWriter json)
    {
        if (_options.Email is not { Length: > 0 } email) return;
        json.WriteStartArray("contact"u8);
        json.WriteStringValue("mailto:" + email);
        json.WriteEndArray();
    }

    private AcmeAction ReadDirectory(AcmeAnswer answer, DateTimeOffset now)
    {
        if (!AcmeDirectory.TryRead(answer.Body, _options.Directory, out _directory)) return End(AcmeReason.Malformed, "the directory does not conform to RFC 8555, or has URLs of another host");
        if (_account is not null) return Go(_options.ContactChanged ? Stage.Contact : Stage.Count, now);
        if (_directory.WantsExternalAccount && _options.ExternalAccount is null) return End(AcmeReason.BindingNeeded, "the authority creates accounts only with an external account binding");
        return Go(Stage.Account, now);
    }

    private AcmeAction ReadAccount(AcmeAnswer answer)
    {
        if (!AuthorityUrl.TryRead(answer.Location, _options.Directory, out var account)) return End(AcmeReason.Malformed, $"{Asked()}: the answer names no account");
        _account = account;
        _stage = Stage.Count;
        return new KeepProgress(account, null);
    }

    private AcmeAction ReadNewOrder(AcmeAnswer answer, DateTimeOffset now)
    {
        if (!AuthorityUrl.TryRead(answer.Location, _options.Directory, out _orderUrl)) return End(AcmeReason.Malformed, $"{Asked()}: the answer names no order");
        var next = ReadOrder(answer, now, isNew: true);
        return next is GaveUp ? next : new KeepProgress(_account!, _orderUrl);
    }

    private AcmeAction ReadOrder(AcmeAnswer answer, DateTimeOffset now, bool isNew = false)
    {
        if (!AcmeOrder.TryRead(answer.Body, _options.Directory, out _order)) return End(AcmeReason.Malformed, $"{Asked()}: the answer is not an order");
        switch (_order.Status)
        {
            case AcmeStatus.Invalid:
                return End(_order.Error, "the order is invalid");
            case AcmeStatus.Pending when !_proved:
                _at = 0;
                _stage = Stage.Authorization;
                break;
            case AcmeStatus.Pending or AcmeStatus.Processing:
                _stage = Stage.Order;
                return PauseFor(answer.PauseFrom(now) ?? AcmeLimits.PollPause, now);
            case AcmeStatus.Ready when _stage == Stage.Finalize:
                // The order was ready before as well: the authority has not processed the request yet.
                _stage = Stage.Order;
                return PauseFor(answer.PauseFrom(now) ?? AcmeLimits.PollPause, now);
            case AcmeStatus.Ready:
                _stage = Stage.Finalize;
                break;
            default:
                _stage = Stage.Download;
                break;
        }

        // The next request follows when the order's URL is stored.
        return isNew ? new KeepProgress(_account!, _orderUrl) : Ask(now);
    }

    private AcmeAction ReadAuthorization(AcmeAnswer answer, DateTimeOffset now)
    {
        if (!AcmeAuthorization.TryRead(answer.Body, _options.Directory, out var authorization) || !_options.Names.Contains(authorization.Name, StringComparer.Ordinal)) return End(AcmeReason.Malformed, $"{Asked()}: the answer is not an authorization of this order");
        switch (authorization.Status)
        {
            case AcmeStatus.Valid:
                break;
            case AcmeStatus.Pending:
                var challenge = _options.Challenges.Select(kind => authorization.Challenges.FirstOrDefault(c => c.Kind == kind)).FirstOrDefault(c => c is not null);
                if (challenge is null) return End(new AcmeFailure(AcmeReason.NoChallenge, $"{authorization.Name}: the authority offers {(authorization.Offered.Length > 0 ? authorization.Offered : "no challenge")}") { Name = authorization.Name });
                _proofs.Add((_order!.Authorizations[_at], challenge, authorization.Name));
                break;
            default:
                return ChallengeFailed(authorization, null);
        }

        if (++_at < _order!.Authorizations.Count) return Ask(now);
        _at = 0;
        if (_proofs.Count == 0) return Proved(now);
        _stage = Stage.Respond;
        return new PresentChallenges([.. _proofs.Select(p => new ChallengeAnswer(p.Challenge.Kind, p.Name, p.Challenge.Token, _options.AccountKey.KeyAuthorization(p.Challenge.Token)))]);
    }

    private AcmeAction Proved(DateTimeOffset now)
    {
        _proved = true;
        return Go(Stage.Order, now);
    }

    private AcmeAction Responded(DateTimeOffset now)
    {
        if (++_at < _proofs.Count) return Ask(now);
        _at = 0;
        _stage = Stage.Validation;
        return PauseFor(TimeSpan.FromSeconds(1), now);
    }

    private AcmeAction ReadValidation(AcmeAnswer answer, DateTimeOffset now)
    {
        if (!AcmeAuthorization.TryRead(answer.Body, _options.Directory, out var authorization)) return End(AcmeReason.Malformed, $"{Asked()}: the answer is not an authorization");
        switch (authorization.Status)
        {
            case AcmeStatus.Valid when ++_at < _proofs.Count:
                return Ask(now);
            case AcmeStatus.Valid:
                return Proved(now);
            case AcmeStatus.Pending or AcmeStatus.Processing:
                return PauseFor(answer.PauseFrom(now) ?? AcmeLimits.PollPause, now);
            default:
                return ChallengeFailed(authorization, _proofs[_at].Challenge.Kind);
        }
    }

    private AcmeAction ReadChain(AcmeAnswer answer, DateTimeOffset now)
    {
        var isFirst = _stage == Stage.Download;
        if (!CertificateChain.TryRead(answer.Body, _options.Names, _options.CertificateKey, now, out var chain, out var problem))
        {
            // The first chain is usable in any case.
            if (isFirst) return End(AcmeReason.BadChain, $"the chain {problem}");
        }
        else if (isFirst || chain.TopIssuer == _options.PreferredChain)
        {
            _chain = chain;
        }

        if (isFirst)
        {
            _alternates = [.. AuthorityUrl.Linked(answer.Links, "alternate", _options.Directory, AcmeLimits.AlternateChains)];
            _at = -1;
        }

        if (_options.PreferredChain.Length == 0 || _chain!.TopIssuer == _options.PreferredChain || ++_at >= _alternates.Count)
        {
            _stage = Stage.Ended;
            return new Issued(_chain!);
        }

        return Go(Stage.Alternate, now);
    }

    private AcmeAction Refused(AcmeAnswer answer, DateTimeOffset now)
    {
        var problem = answer.Body.Length > AcmeLimits.AnswerOctets ? new AcmeProblem("", "") : AcmeProblem.Read(answer.Body);
        var pause = answer.PauseFrom(now);
        if (problem.Type == "badNonce" && !_askingForNonce)
        {
            return ++_badNonces > AcmeLimits.BadNonces ? End(AcmeReason.BadNonce, $"{Asked()}: {AcmeLimits.BadNonces + 1} nonces issued by the authority were refused") : Ask(now);
        }

        if (answer.Status == 429 || problem.Type == "rateLimited") return End(new AcmeFailure(AcmeReason.RateLimited, Words(answer, problem)) { RetryAfter = pause, ProblemType = problem.Type });
        if (_stage == Stage.Alternate)
        {
            _stage = Stage.Ended;
            return new Issued(_chain!);
        }

        // A stored account that the authority no longer knows is created again, once.
        if (_accountIsKept && _stage is Stage.Contact or Stage.NewOrder or Stage.Order && problem.Type is "accountDoesNotExist")
        {
            _accountIsKept = false;
            (_account, _orderUrl) = (null, null);
            return ReadDirectoryAgain(now);
        }

        if (_stage == Stage.Finalize && problem.Type == "orderNotReady" && MayRepeat)
        {
            _repetitions++;
            _stage = Stage.Order;
            return PauseFor(pause ?? AcmeLimits.PollPause, now);
        }

        if (answer.Status < 500) return End(new AcmeFailure(AcmeReason.Refused, Words(answer, problem)) { ProblemType = problem.Type, RetryAfter = pause });
        if (!MayRepeat || pause > AcmeLimits.LongestPause) return End(new AcmeFailure(AcmeReason.ServerError, Words(answer, problem)) { ProblemType = problem.Type, RetryAfter = pause });
        _repetitions++;
        return PauseFor(pause ?? AcmeLimits.PollPause * _repetitions, now);
    }

    private AcmeAction ReadDirectoryAgain(DateTimeOffset now) => _directory!.WantsExternalAccount && _options.ExternalAccount is null
        ? End(AcmeReason.BindingNeeded, "the account no longer exists, and the authority creates accounts only with an external account binding")
        : Go(Stage.Account, now);

    private AcmeAction PauseFor(TimeSpan time, DateTimeOffset now)
    {
        if (time > AcmeLimits.LongestPause) return End(new AcmeFailure(AcmeReason.Timeout, $"{Asked()}: the authority requests a pause of {time.TotalMinutes:0} minutes") { RetryAfter = time });
        var least = TimeSpan.FromSeconds(1);
        return now + time > _end ? End(AcmeReason.Timeout, $"{Asked()}: not done within {AcmeLimits.OrderTime.TotalMinutes:0} minutes") : new Pause(time < least ? least : time);
    }

    private GaveUp ChallengeFailed(AcmeAuthorization authorization, ChallengeKind? kind)
    {
        var failed = authorization.Challenges.FirstOrDefault(c => c.Error is not null);
        var error = failed?.Error ?? new AcmeProblem("", "the authorization is not valid");
        kind ??= failed?.Kind;
        var by = kind is { } known ? $" by {ChallengeKinds.NameOf(known)}" : "";
        return End(new AcmeFailure(AcmeReason.ChallengeFailed, $"{authorization.Name} could not be validated{by}: {error.Detail}") { Name = authorization.Name, ProblemType = error.Type, Challenge = kind });
    }

    private GaveUp End(AcmeProblem? problem, string text) => problem is null
        ? End(AcmeReason.Refused, text)
        : End(new AcmeFailure(problem.Type == "rateLimited" ? AcmeReason.RateLimited : AcmeReason.Refused, $"{text}: {problem.Detail}") { ProblemType = problem.Type });

    private GaveUp End(AcmeReason reason, string text) => End(new AcmeFailure(reason, text));

    private GaveUp End(AcmeFailure failure)
    {
        _stage = Stage.Ended;
        return new GaveUp(failure with { Ordered = _ordered });
    }

    private string Words(AcmeAnswer answer, AcmeProblem problem) =>
        $"{Asked()}: {FormattableString.Invariant($"{answer.Status}")}{(problem.Type.Length > 0 ? " " + problem.Type : "")}{(problem.Detail.Length > 0 ? ", " + problem.Detail : "")}";

    private string Asked() => _askingForNonce ? "a request for a nonce" : _stage switch
    {
        Stage.Directory => "the request for the directory",
        Stage.Account or Stage.Contact => "the request for an account",
        Stage.NewOrder or Stage.Count => "the request for an order",
        Stage.Authorization or Stage.Respond or Stage.Validation => "the validation of names",
        Stage.Download or Stage.Alternate => "the request for the chain",
        _ => "the order",
    };
}
