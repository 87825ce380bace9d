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

    /// <summary>The credentials are being judged; nothing more is taken until then.</summary>
    Pending,

    /// <summary>A 401 stands in the output, and another request may follow.</summary>
    Challenged,

    /// <summary>The final answer stands in the output.</summary>
    Answered,
}

/// <summary>The opening handshake of a server with the application's say in it, whatever carries the bytes.</summary>
/// <remarks>One connection; not thread-safe.</remarks>
internal sealed class ServerOpening
{
    /// <summary>Requests on one connection. Digest needs two, and a person who mistypes a password some more.</summary>
    private const int MaxRequests = 8;

    private readonly ServerHandshakeOptions _options;
    private readonly ServerAuthentication? _authentication;
    private readonly TimeProvider _clock;
    private readonly IPAddress? _address;
    private readonly Func<HttpRequestHead, HttpResponse?>? _onRequest;
    private readonly Func<HttpRequestHead, HttpResponse?>? _onUpgrade;
    private ServerHandshake _handshake;
    private AuthenticationJudgement? _judgement;
    private PendingVerdict? _pending;
    private int _requests;
    private int _first = -1;

    /// <param name="options">Of the server.</param>
    /// <param name="handshakeOptions">Of the handshake.</param>
    /// <param name="onRequest">Answers plain requests.</param>
    /// <param name="onUpgrade">Judges requests for an upgrade.</param>
    /// <param name="peer">Whose attempts to authenticate are counted.</param>
    public ServerOpening(
        ServerOptions options, ServerHandshakeOptions handshakeOptions, Func<HttpRequestHead, HttpResponse?>? onRequest, Func<HttpRequestHead, HttpResponse?>? onUpgrade, EndPoint? peer)
    {
        _options = handshakeOptions;
        _authentication = options.Authentication;
        _clock = options.TimeProvider;
        _address = (peer as IPEndPoint)?.Address;
        _handshake = new ServerHandshake(handshakeOptions);
        _onRequest = onRequest;
        _onUpgrade = onUpgrade;
    }

    public HttpRequestHead? Request => _handshake.Request;

    /// <summary>What the TLS handshake below has agreed on.</summary>
    public TlsDetails? Tls { get; set; }

    public string? Subprotocol { get; private set; }

    public IReadOnlyList<ExtensionOffer> AcceptedExtensions => _handshake.AcceptedExtensions;

    public IReadOnlyList<ExtensionInstance> ExtensionInstances => _handshake.ExtensionInstances;

    /// <summary>Why there is no WebSocket; null when the request was accepted. After a challenge that is why there would be none if the client left.</summary>
    public HandshakeException? Failure { get; private set; }

    // Of a clock that only moves forward, since somewhen.
    private TimeSpan Now => _clock.GetElapsedTime(0);

    /// <summary>Takes bytes up to and including the end of a request, or goes on when a verdict is there.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="output">Gets the answer.</param>
    public ServerOpeningStatus Receive(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (_first < 0 && !input.IsEmpty)
        {
            _first = input[0];
        }

        ServerHandshakeStatus status = _handshake.Receive(ref input);
        if (status == ServerHandshakeStatus.NeedMoreData)
        {
            return ServerOpeningStatus.NeedMoreData;
        }

        if (_handshake.Request is { } request)
        {
            request.Tls = Tls;
        }

        try
        {
            if (status == ServerHandshakeStatus.Upgrade && _authentication is not null)
            {
                _judgement ??= new AuthenticationJudgement(_authentication, _handshake.Request!, _address, Now);
                if (_judgement.Pending is { } pending)
                {
                    _pending = pending;
                    return ServerOpeningStatus.Pending;
                }

                if (!_judgement.Conclude(Now))
                {
                    return RefuseCredentials(_judgement.Refusal!, output);
                }

                _handshake.Request!.User = _judgement.User;
            }

            Failure = null;
            Answer(status, output);
        }
        catch (Exception exception)
        {
            // The application's code failed, whatever it threw, before anything was written: the client gets its 500, and the caller the cause.
            Refuse(output, HandshakeViolation.RefusedByApplication, $"The application failed to answer the request: {exception.Message}", HttpResponse.Text(500, "Internal Server Error\n"), exception);
        }

        return ServerOpeningStatus.Answered;
    }

    /// <summary>Calls back once the verdict is there that <see cref="ServerOpeningStatus.Pending"/> waits for, at once if it came meanwhile.</summary>
    public void WhenJudged(Action callback) => _pending!.OnCompleted(callback);

    private ServerOpeningStatus RefuseCredentials(HandshakeRefusal refusal, IBufferWriter<byte> output)
    {
        // Only after a 401, and never after a request with a body (which no valid upgrade has), may another request follow: what an intermediary takes for part
        // of a refused request must not become one.
        bool keeps = refusal.Response.StatusCode == 401 && _authentication!.KeepsConnection && ++_requests < MaxRequests
            && !HandshakeRules.AsksForClose(_handshake.Request!.Headers);
        Refuse(output, refusal.Reason, refusal.Message, refusal.Response, keepsConnection: keeps);
        if (!keeps)
        {
            return ServerOpeningStatus.Answered;
        }

        _handshake = new ServerHandshake(_options);
        _judgement = null;
        return ServerOpeningStatus.Challenged;
    }

    private void Answer(ServerHandshakeStatus status, IBufferWriter<byte> output)
    {
        if (status == ServerHandshakeStatus.Refused)
        {
            HandshakeRefusal refusal = _handshake.Refusal!;
            bool isTls = refusal.Reason == HandshakeViolation.InvalidHead && WrongScheme.IsTls((byte)_first);
            Refuse(output, isTls ? HandshakeViolation.WrongScheme : refusal.Reason, isTls ? WrongScheme.TlsToPlain : refusal.Message, refusal.Response);
        }
        else if (status == ServerHandshakeStatus.PlainRequest)
        {
            HttpResponse response = _onRequest?.Invoke(_handshake.Request!) ?? ServerHandshake.UpgradeRequired;
            Refuse(output, HandshakeViolation.PlainRequest, $"The request asked for no upgrade and was answered with {response.StatusCode}.", response);
        }
        else if (_onUpgrade?.Invoke(_handshake.Request!) is { } response)
        {
            Refuse(output, HandshakeViolation.RefusedByApplication, $"The application refused the request with {response.StatusCode}.", response);
        }
        else
        {
            Subprotocol = _handshake.Accept(output);
        }
    }

    private void Refuse(IBufferWriter<byte> output, HandshakeViolation reason, string message, HttpResponse response, Exception? cause = null, bool keepsConnection = false)
    {
        response.WriteAnd(output, omitBody: _handshake.Request?.Method == "HEAD", keepsConnection);
        Failure = new HandshakeException(reason, message, cause) { StatusCode = response.StatusCode, Request = _handshake.Request };
    }
}
