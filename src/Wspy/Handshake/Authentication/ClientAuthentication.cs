using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>A client's answers to challenges: given a 401, the Authorization header of the next request, or nothing.</summary>
/// <remarks>One opening, with all of its attempts; not thread-safe.</remarks>
internal sealed class ClientAuthentication
{
    /// <summary>Requests with credentials in one opening: a remembered nonce that is stale, a fresh one, and a server's surprise.</summary>
    private const int MaxAttempts = 3;

    private readonly ICredentials? _credentials;
    private readonly AuthenticationSession _session;
    private readonly bool _usesToken;
    private readonly bool _isForProxy;
    private Uri _uri;
    private string _target;
    private string? _scheme;
    private string? _token;
    private bool _answersFresh;
    private int _attempts;

    /// <param name="uri">Where to; its user information goes before the credentials.</param>
    /// <param name="credentials">Names and passwords; null for those of the URI only.</param>
    /// <param name="session">What is remembered beyond this opening.</param>
    /// <param name="usesToken">Whether there are tokens to be had for Bearer.</param>
    public ClientAuthentication(Uri uri, ICredentials? credentials, AuthenticationSession session, bool usesToken)
    {
        (_, _target) = HandshakeUri.Split(uri, nameof(uri));
        _credentials = FromUserInfo(uri.UserInfo) ?? credentials;
        _session = session;
        _usesToken = usesToken;

        // Whose credentials they are is for ICredentials to judge, without those of the URI.
        _uri = uri.UserInfo.Length == 0 ? uri : new UriBuilder(uri) { UserName = "", Password = "" }.Uri;
    }

    private ClientAuthentication(Uri proxy, string target, ICredentials credentials, AuthenticationSession session)
    {
        _uri = proxy;
        _target = target;
        _credentials = credentials;
        _session = session;
        _isForProxy = true;
    }

    /// <summary>The answers to a proxy's challenges (RFC 9110 §11.7): 407 to CONNECT, and the Proxy-Authorization header.</summary>
    /// <param name="proxy">Whose they are, without user information.</param>
    /// <param name="target">What CONNECT asks for: host and port.</param>
    /// <param name="credentials">Of the proxy.</param>
    /// <param name="session">What is remembered beyond this opening.</param>
    public static ClientAuthentication ForProxy(Uri proxy, string target, ICredentials credentials, AuthenticationSession session) => new(proxy, target, credentials, session);

    /// <summary>The Authorization header of the next request, or for a proxy Proxy-Authorization; null for none.</summary>
    public string? Header { get; private set; }

    /// <summary>The scheme of the credentials that were sent last; null when none were.</summary>
    public string? Sent => _scheme == "Bearer" && _token is null ? null : _scheme;

    /// <summary>Whether the next request needs a token: get one and call <see cref="UseToken"/>.</summary>
    public bool NeedsToken { get; private set; }

    /// <summary>The token that was refused, when another one is needed.</summary>
    public string? RefusedToken { get; private set; }

    /// <summary>Decides what the first request brings along: what is remembered, Basic if it is wanted, or a token.</summary>
    public void Begin(bool preemptiveBasic)
    {
        if (_usesToken)
        {
            NeedsToken = true;
            return;
        }

        if (Find("Digest") is { } digest && _session.TryUse(KeyOf(digest), out DigestChallenge? challenge, out uint count))
        {
            Answer(digest, challenge!, count);
        }
        else if (preemptiveBasic && Find("Basic") is { } basic)
        {
            _scheme = "Basic";
            Header = FormatBasic(basic);
        }
    }

    /// <summary>Goes on with another URL of the same origin, which gets what this one got.</summary>
    public void MoveTo(Uri uri)
    {
        (_, _target) = HandshakeUri.Split(uri, nameof(uri));
        _uri = uri;
        if (_scheme == "Bearer")
        {
            return;
        }

        string? scheme = _scheme;
        Header = null;
        if (scheme == "Digest" && Find("Digest") is { } digest && _session.TryUse(KeyOf(digest), out DigestChallenge? challenge, out uint count))
        {
            Answer(digest, challenge!, count);
        }
        else if (scheme == "Basic" && Find("Basic") is { } basic)
        {
            Header = FormatBasic(basic);
        }
    }

    /// <summary>Takes the token that was asked for; null when there is none.</summary>
    /// <exception cref="ArgumentException">It is no token68 (RFC 6750 §2.1); the message does not repeat it.</exception>
    public void UseToken(string? token)
    {
        NeedsToken = false;
        _scheme = "Bearer";
        _token = token;
        Header = token is null ? null : AuthenticationFields.WithToken("Bearer", token).Format();
    }

    /// <summary>Takes an answer of the server.</summary>
    /// <returns>True when another request may do better, with <see cref="Header"/>, or with a token if <see cref="NeedsToken"/> says so.</returns>
    public bool TryAnswer(HttpResponseHead response)
    {
        if (response.StatusCode != (_isForProxy ? 407 : 401) || _attempts == MaxAttempts)
        {
            return false;
        }

        _attempts++;
        string? tried = Header is null ? null : _scheme;
        Header = null;
        IReadOnlyList<AuthenticationFields> challenges = AuthenticationFields.ParseChallenges(response.Headers.GetValues(_isForProxy ? "Proxy-Authenticate" : "WWW-Authenticate"));
        return TryBearer(challenges, tried) || TryDigest(challenges, tried) || TryBasic(challenges, tried);
    }

    // Once again, with a token that is not the refused one.
    private bool TryBearer(IReadOnlyList<AuthenticationFields> challenges, string? tried)
    {
        if (!_usesToken || RefusedToken is not null || tried != "Bearer" || !challenges.Any(static challenge => challenge.Is("Bearer")))
        {
            return false;
        }

        RefusedToken = _token;
        return NeedsToken = true;
    }

    private bool TryDigest(IReadOnlyList<AuthenticationFields> challenges, string? tried)
    {
        // SHA-256 before MD5, whatever the server's order: who takes part of the challenges away must not choose the weaker one of two.
        DigestChallenge? challenge = challenges.Select(DigestChallenge.From).OfType<DigestChallenge>().OrderByDescending(static candidate => candidate.Algorithm).FirstOrDefault();
        if (challenge is null || Find("Digest") is not { } credential)
        {
            return false;
        }

        if (tried == "Digest" && !challenge.IsStale && _answersFresh)
        {
            // The password is wrong, and would be the next time.
            _session.Forget(KeyOf(credential));
            return false;
        }

        Answer(credential, challenge, _session.Begin(KeyOf(credential), challenge));
        _answersFresh = true;
        return true;
    }

    private bool TryBasic(IReadOnlyList<AuthenticationFields> challenges, string? tried)
    {
        // A password that Digest has kept to itself is not told to a server that then asks for Basic.
        if (tried is "Basic" or "Digest" || !challenges.Any(static challenge => challenge.Is("Basic")) || Find("Basic") is not { } credential)
        {
            return false;
        }

        _scheme = "Basic";
        Header = FormatBasic(credential);
        return true;
    }

    private void Answer(NetworkCredential credential, DigestChallenge challenge, uint count)
    {
        _scheme = "Digest";
        Header = challenge.Answer(NameOf(credential), credential.Password, count, DigestChallenge.NewClientNonce(), _isForProxy ? "CONNECT" : "GET", _target).Format();
    }

    // An empty name stands for the system's own credentials, which neither scheme can send.
    private NetworkCredential? Find(string scheme) =>
        _credentials?.GetCredential(_uri, scheme) is { } found && (found.UserName.Length > 0 || !_isForProxy) && IsSendable(found, scheme) ? found : null;

    // RFC 7617 §2: the first colon ends the name, so that who has one in it would be somebody else; and there is no place for control characters.
    private static bool IsSendable(NetworkCredential credential, string scheme)
    {
        string name = NameOf(credential);
        return !name.Any(char.IsControl) && (scheme != "Basic" || !(name.Contains(':', StringComparison.Ordinal) || credential.Password.Any(char.IsControl)));
    }

    private string KeyOf(NetworkCredential credential) => $"{(_isForProxy ? "proxy " : "")}{_uri.GetLeftPart(HandshakeUri.IsUnix(_uri) ? UriPartial.Path : UriPartial.Authority)} {NameOf(credential)}";

    private static string NameOf(NetworkCredential credential) => credential.Domain.Length == 0 ? credential.UserName : $"{credential.Domain}\\{credential.UserName}";

    // RFC 7617 §2, in UTF-8 as its §2.1 has it
    private static string FormatBasic(NetworkCredential credential) =>
        AuthenticationFields.WithToken("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{NameOf(credential)}:{credential.Password}"))).Format();

    // RFC 3986 §3.2.1: name and password, each percent-encoded.
    public static NetworkCredential? FromUserInfo(string userInfo)
    {
        if (userInfo.Length == 0)
        {
            return null;
        }

        int colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new NetworkCredential(Uri.UnescapeDataString(userInfo), "")
            : new NetworkCredential(Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
