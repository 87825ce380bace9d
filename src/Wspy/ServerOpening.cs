using System.Buffers;
using System.Net;
using Wspy.Extensions;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>How far a server's opening is.</summary>
internal enum ServerOpeningStatus
{
    NeedMoreData,

    /// <summary>The credentials or the request are being judged; nothing more is taken until then.</summary>
    Pending,

    /// <summary>A 401 stands in the output, and another request may follow.</summary>
    Challenged,

    /// <summary>The answer to a plain request stands in the output, and another request may follow.</summary>
    Kept,

    /// <summary>The final answer stands in the output.</summary>
    Answered,
}

/// <summary>The opening handshake of a server with the application's say in it, whatever carries the bytes.</summary>
/// <remarks>One connection; not thread-safe.</remarks>
internal sealed class ServerOpening
{
    /// <summary>Requests on one connection. Digest needs two, and a person who mistypes a password some more.</summary>
    private const int MaxRequests = 8;

    /// <summary>Plain requests on one connection. Who checks every second whether the server is alive connects anew in two minutes.</summary>
    private const int MaxPlainRequests = 100;

    private readonly ServerHandshakeOptions _options;
    private readonly ServerGate _gate;
    private ServerHandshake _handshake;
    private AuthenticationJudgement? _judgement;
    private PendingVerdict? _pending;
    private Task<UpgradeAnswer>? _answer;
    private int _requests;
    private int _plainRequests;
    private bool _hasBegun;
    private int _first = -1;
    private EndPoint? _proxy;
    private bool _isIntroduced;
    private bool _isLate;

    /// <param name="handshakeOptions">Of the handshake, until the gate knows better.</param>
    /// <param name="gate">Whom to ask.</param>
    public ServerOpening(ServerHandshakeOptions handshakeOptions, ServerGate gate)
    {
        _options = handshakeOptions;
        _gate = gate;
        _handshake = new ServerHandshake(handshakeOptions, gate);
    }

    public ServerGate Gate => _gate;

    /// <summary>Who asks, once TLS is agreed on; attempts to authenticate are counted by its address.</summary>
    public IPeer? Peer { get; set; }

    public HttpRequestHead? Request => _handshake.Request;

    /// <summary>Whether a trusted proxy asks for somebody whom it does not name, so that the header fields may be anybody's.</summary>
    public bool HidesPeer { get; set; }

    /// <summary>What the TLS handshake below has agreed on.</summary>
    public TlsDetails? Tls { get; set; }

    public string? Subprotocol { get; private set; }

    public IReadOnlyList<ExtensionOffer> AcceptedExtensions => _handshake.AcceptedExtensions;

    public IReadOnlyList<ExtensionInstance> ExtensionInstances => _handshake.ExtensionInstances;

    /// <summary>Why there is no WebSocket; null when the request was accepted. After a challenge that is why there would be none if the client left.</summary>
    public HandshakeException? Failure { get; private set; }

    /// <summary>Whether a plain request was answered, and nothing has come since: whoever ends the connection now has not broken off anything.</summary>
    public bool IsBetweenRequests => _plainRequests > 0 && !_hasBegun;

    private ServerAuthentication? Authentication => _gate.Options.Authentication;

    // Of a clock that only moves forward, since somewhen.
    private TimeSpan Now => _gate.Options.TimeProvider.GetElapsedTime(0);

    /// <summary>Takes bytes up to and including the end of a request, or goes on when what was waited for is there.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="output">Gets the answer.</param>
    public ServerOpeningStatus Receive(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        bool isNew = Request is null;
        _hasBegun |= !input.IsEmpty;
        if (_first < 0 && !input.IsEmpty)
        {
            _first = input[0];
        }

        ServerHandshakeStatus status = _handshake.Receive(ref input);
        if (status == ServerHandshakeStatus.NeedMoreData)
        {
            return ServerOpeningStatus.NeedMoreData;
        }

        try
        {
            if (isNew && Request is { } request)
            {
                request.Peer = Peer;
                request.Tls = Tls;
                if (status != ServerHandshakeStatus.Refused && TryIntroduce(request) is { } refusal)
                {
                    Refuse(output, refusal.Reason, refusal.Message, refusal.Response);
                    return ServerOpeningStatus.Answered;
                }
            }

            return _isLate ? RefuseLate(output) : Proceed(status, output);
        }
        catch (Exception exception)
        {
            // The application's code failed, whatever it threw, before anything was written: the client gets its 500, and the caller the cause.
            _gate.Leave();
            Refuse(output, HandshakeViolation.RefusedByApplication, $"The application failed to answer the request: {exception.Message}", HttpResponse.Text(500, "Internal Server Error\n"), exception);
            return ServerOpeningStatus.Answered;
        }
    }

    /// <summary>Calls back once that is there which <see cref="ServerOpeningStatus.Pending"/> waits for, at once if it came meanwhile.</summary>
    public void WhenJudged(Action callback)
    {
        if (_answer is null)
        {
            _pending!.OnCompleted(callback);
            return;
        }

        // The second one looks at a failure that comes too late for anybody to be told.
        _answer.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(callback);
        _ = _answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>The time is over for what is waited for: the next <see cref="Receive"/> answers so.</summary>
    public void GiveUp() => _isLate = true;

    // Only who is trusted is asked for whom it asks: with each request anew, since a proxy may send those of several clients by one connection. Null when all is well.
    private HandshakeRefusal? TryIntroduce(HttpRequestHead request)
    {
        if (HidesPeer || _gate.Options.TrustedProxies is not { Headers: not ForwardedHeaders.None } proxies)
        {
            return null;
        }

        if (!_isIntroduced)
        {
            _isIntroduced = true;
            _proxy = Peer?.RemoteEndPoint;
        }

        if (!proxies.Trusts(_proxy))
        {
            return null;
        }

        if (!ForwardedChain.TryRead(request.Headers, proxies, _proxy, out ForwardedDetails details))
        {
            return new HandshakeRefusal(
                HandshakeViolation.InvalidForwarding,
                $"What the proxy at {_proxy} tells of the client is malformed ({proxies.Headers}).",
                HttpResponse.Text(400, "The header fields of the proxy are malformed.\n"));
        }

        EndPoint? before = Peer?.RemoteEndPoint;
        EndPoint? now = details.For ?? _proxy;
        request.Forwarded = details;
        if (Equals(before, now))
        {
            return null;
        }

        if (_gate.Introduce(before, now) is { } response)
        {
            return new HandshakeRefusal(HandshakeViolation.RefusedByApplication, $"The address of {now} has as many connections as it may have.", response);
        }

        Peer!.RemoteEndPoint = now;
        return null;
    }

    private ServerOpeningStatus Proceed(ServerHandshakeStatus status, IBufferWriter<byte> output)
    {
        if (status == ServerHandshakeStatus.Refused)
        {
            HandshakeRefusal refusal = _handshake.Refusal!;
            bool isTls = refusal.Reason == HandshakeViolation.InvalidHead && WrongScheme.IsTls((byte)_first);
            Refuse(output, isTls ? HandshakeViolation.WrongScheme : refusal.Reason, isTls ? WrongScheme.TlsToPlain : refusal.Message, refusal.Response);
            return ServerOpeningStatus.Answered;
        }

        if (_answer is null && status == ServerHandshakeStatus.Upgrade)
        {
            if (!_gate.ServesWebSockets)
            {
                Refuse(output, HandshakeViolation.UnknownLocation, "No WebSocket is served here.", HttpResponse.Text(404, "No WebSocket is served here.\n"));
                return ServerOpeningStatus.Answered;
            }

            if (Authentication is { } authentication)
            {
                _judgement ??= new AuthenticationJudgement(authentication, Request!, (Request!.RemoteEndPoint as IPEndPoint)?.Address, Now);
                if (_judgement.Pending is { } pending)
                {
                    _pending = pending;
                    return ServerOpeningStatus.Pending;
                }

                if (!_judgement.Conclude(Now))
                {
                    return RefuseCredentials(_judgement.Refusal!, output);
                }

                Request!.User = _judgement.User;
            }
        }

        Failure = null;
        return Ask(status, output);
    }

    // The application may answer at once, or take its time.
    private ServerOpeningStatus Ask(ServerHandshakeStatus status, IBufferWriter<byte> output)
    {
        bool isPlain = status == ServerHandshakeStatus.PlainRequest;
        UpgradeAnswer answer;
        if (_answer is not null)
        {
            answer = _answer.GetAwaiter().GetResult();
        }
        else if (!isPlain && _gate.Enter() is { } full)
        {
            answer = full;
        }
        else
        {
            ValueTask<UpgradeAnswer> asked = isPlain ? AnswerPlainAsync() : _gate.JudgeAsync(Request!);
            if (!asked.IsCompleted)
            {
                _answer = asked.AsTask();
                return ServerOpeningStatus.Pending;
            }

            answer = asked.GetAwaiter().GetResult();
        }

        HttpResponse? response = answer.Response ?? (isPlain ? null : _gate.Admit());
        if (response is null)
        {
            Subprotocol = _handshake.Accept(output, answer.Subprotocol, answer.Headers);
            return ServerOpeningStatus.Answered;
        }

        _gate.Leave();
        bool keeps = isPlain && MayBeFollowed(Request!, response);
        Refuse(
            output,
            isPlain ? HandshakeViolation.PlainRequest : HandshakeViolation.RefusedByApplication,
            isPlain ? $"The request asked for no upgrade and was answered with {response.StatusCode}." : $"The application refused the request with {response.StatusCode}.",
            response,
            keepsConnection: keeps);
        if (!keeps)
        {
            return ServerOpeningStatus.Answered;
        }

        _gate.Answered(Failure!);
        Failure = null;
        _answer = null;
        _hasBegun = false;
        _handshake = new ServerHandshake(_options, _gate);
        return ServerOpeningStatus.Kept;
    }

    // RFC 9112 §9.3: unless somebody says otherwise. Where an intermediary may see another end of the request than we do (a body, an upgrade), nothing follows.
    private bool MayBeFollowed(HttpRequestHead request, HttpResponse response) =>
        _gate.KeepsConnections && !_gate.Stopping.IsCancellationRequested && request.Version > 0 && ++_plainRequests < MaxPlainRequests
        && !HttpFraming.HasBody(request.Headers) && request.Headers.IndexOf("Upgrade"u8, 0) < 0 && !HandshakeRules.AsksForClose(request.Headers)
        && !response.AsksForClose;

    private ValueTask<UpgradeAnswer> AnswerPlainAsync()
    {
        ValueTask<HttpResponse?> answer = _gate.AnswerAsync(Request!);
        return answer.IsCompletedSuccessfully ? new(answer.Result ?? ServerHandshake.UpgradeRequired) : AwaitAsync(answer);

        static async ValueTask<UpgradeAnswer> AwaitAsync(ValueTask<HttpResponse?> answer) => await answer.ConfigureAwait(false) ?? ServerHandshake.UpgradeRequired;
    }

    private ServerOpeningStatus RefuseLate(IBufferWriter<byte> output)
    {
        _gate.Leave();
        Refuse(
            output,
            HandshakeViolation.TimedOut,
            $"The application did not answer the request within {_gate.Options.HandshakeTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.HandshakeTimeout)}).",
            HttpResponse.Text(503, "The server did not come to an answer in time; try again later.\n"));
        return ServerOpeningStatus.Answered;
    }

    private ServerOpeningStatus RefuseCredentials(HandshakeRefusal refusal, IBufferWriter<byte> output)
    {
        // Only after a 401, and never after a request with a body (which no valid upgrade has), may another request follow: what an intermediary takes for part
        // of a refused request must not become one.
        bool keeps = refusal.Response.StatusCode == 401 && Authentication!.KeepsConnection && ++_requests < MaxRequests
            && !HandshakeRules.AsksForClose(_handshake.Request!.Headers);
        Refuse(output, refusal.Reason, refusal.Message, refusal.Response, keepsConnection: keeps);
        if (!keeps)
        {
            return ServerOpeningStatus.Answered;
        }

        _handshake = new ServerHandshake(_options, _gate);
        _judgement = null;
        return ServerOpeningStatus.Challenged;
    }

    private void Refuse(IBufferWriter<byte> output, HandshakeViolation reason, string message, HttpResponse response, Exception? cause = null, bool keepsConnection = false)
    {
        response.WriteAnd(output, omitBody: _handshake.Request?.Method == "HEAD", keepsConnection);
        Failure = new HandshakeException(reason, message, cause) { StatusCode = response.StatusCode, Request = _handshake.Request };
    }
}
