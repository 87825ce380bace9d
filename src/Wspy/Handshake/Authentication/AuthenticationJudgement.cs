using System.Globalization;
using System.Net;
using System.Security.Claims;

namespace Wspy.Handshake;

/// <summary>The judging of one request: by the scheme that its credentials are of, within the limit of attempts.</summary>
/// <remarks>One request; not thread-safe.</remarks>
internal sealed class AuthenticationJudgement
{
    private readonly ServerAuthentication _authentication;
    private readonly IPAddress? _address;
    private readonly AuthenticationAttempt _attempt;
    private AuthenticationScheme? _scheme;
    private AuthenticationVerdict? _verdict;

    /// <param name="authentication">What is asked for.</param>
    /// <param name="request">A valid request for an upgrade.</param>
    /// <param name="address">Whose it is; null if that is not known, and not limited then.</param>
    /// <param name="now">The time.</param>
    public AuthenticationJudgement(ServerAuthentication authentication, HttpRequestHead request, IPAddress? address, TimeSpan now)
    {
        _authentication = authentication;
        _address = address;
        int header = request.Headers.IndexOfSingle("Authorization"u8);
        AuthenticationFields? credentials = null;
        bool isMalformed = header == HttpReceivedHeaders.Repeated
            || (header >= 0 && !AuthenticationFields.TryParseCredentials(request.Headers["Authorization"], out credentials));
        _attempt = new AuthenticationAttempt(request, credentials, authentication.Realm, now);
        if (!IsExhausted(now))
        {
            _verdict = isMalformed ? AuthenticationVerdict.Malformed() : credentials is null ? JudgeRequest() : JudgeCredentials(credentials);
        }
    }

    /// <summary>What is waited for; null when <see cref="Conclude"/> can be called.</summary>
    public PendingVerdict? Pending => _verdict?.PendingVerdict is { IsCompleted: false } pending ? pending : null;

    /// <summary>Who the client is, once it is accepted.</summary>
    public ClaimsPrincipal? User { get; private set; }

    /// <summary>Why the client is refused.</summary>
    public HandshakeRefusal? Refusal { get; private set; }

    /// <summary>Draws the conclusion.</summary>
    /// <returns>True when the client is accepted.</returns>
    public bool Conclude(TimeSpan now)
    {
        // Whoever has used up the attempts learns nothing from those that were sent at the same time.
        if (IsExhausted(now))
        {
            HttpResponse response = HttpResponse.Text(429, "Too many wrong credentials; try again later.\n");
            response.Headers.Add("Retry-After", Math.Ceiling(_authentication.AttemptWindow.TotalSeconds).ToString(CultureInfo.InvariantCulture));
            Refusal = new HandshakeRefusal(
                HandshakeViolation.TooManyAttempts, $"The address has sent {_authentication.MaxAttemptsPerAddress} wrong credentials (MaxAttemptsPerAddress).", response);
            return false;
        }

        if (_verdict?.PendingVerdict is { } pending)
        {
            _verdict = pending.GetResult();
        }

        if (_verdict is { Outcome: AuthenticationOutcome.Accepted })
        {
            User = _verdict.User;
            return true;
        }

        if (_verdict is { Outcome: AuthenticationOutcome.Refused or AuthenticationOutcome.Malformed, IsGuess: true })
        {
            _authentication.Limiter.Fail(_address, _authentication.AttemptWindow, now);
        }

        Refusal = _verdict?.Outcome switch
        {
            AuthenticationOutcome.Malformed => Refuse(400, HandshakeViolation.InvalidCredentials, "The credentials are malformed."),
            AuthenticationOutcome.Forbidden => Refuse(403, HandshakeViolation.NotAuthorized, "The credentials do not give the right to connect."),
            AuthenticationOutcome.Refused => Refuse(401, HandshakeViolation.InvalidCredentials, "The credentials are not accepted."),
            _ => Refuse(401, HandshakeViolation.CredentialsRequired, "The request needs credentials."),
        };
        return false;
    }

    private AuthenticationVerdict? JudgeRequest()
    {
        foreach (AuthenticationScheme scheme in _authentication.Schemes)
        {
            if (scheme.JudgeRequest(_attempt) is { } verdict)
            {
                _scheme = scheme;
                return verdict;
            }
        }

        return null;
    }

    private AuthenticationVerdict? JudgeCredentials(AuthenticationFields credentials)
    {
        // Credentials of a scheme that is not offered are as good as none; those of which the application has nothing to say are wrong, and count.
        _scheme = _authentication.Schemes.FirstOrDefault(scheme => credentials.Is(scheme.Name));
        return _scheme is null ? null : _scheme.Judge(_attempt) ?? AuthenticationVerdict.Refuse();
    }

    private HandshakeRefusal Refuse(int status, HandshakeViolation reason, string message)
    {
        HttpResponse response = HttpResponse.Text(status, message + "\n");
        foreach (AuthenticationScheme scheme in _authentication.Schemes)
        {
            // RFC 9110 §11.6.1: with other statuses a challenge says that other credentials might do.
            AuthenticationVerdict? verdict = scheme == _scheme ? _verdict : null;
            if (status == 401 || verdict is { Parameters.Count: > 0 })
            {
                foreach (AuthenticationFields challenge in scheme.CreateChallenges(_attempt, verdict))
                {
                    response.Headers.Add("WWW-Authenticate", challenge.Format());
                }
            }
        }

        return new HandshakeRefusal(reason, message, response);
    }

    private bool IsExhausted(TimeSpan now) =>
        _authentication.Limiter.IsExhausted(_address, _authentication.MaxAttemptsPerAddress, _authentication.AttemptWindow, now);
}
