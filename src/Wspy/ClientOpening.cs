using Wspy.Buffers;
using Wspy.Extensions;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>The opening handshake of a client with the body of a refusal, whatever carries the bytes.</summary>
/// <remarks>One handshake; not thread-safe. The request is there from the start, so that a mistake in the URL or the options shows before anything is connected.</remarks>
internal sealed class ClientOpening : IDisposable
{
    /// <summary>What is kept of the body of an answer that is no upgrade: enough for any message to people.</summary>
    private const int MaxBodySize = 64 * 1024;

    private readonly ClientHandshake _handshake;
    private readonly PooledBuffer _request = new();
    private readonly PooledBuffer _body = new();
    private HttpChunkedBody? _chunks;

    // Null where TLS is below.
    private readonly string? _plainHost;
    private int _first = -1;

    /// <param name="uri">Where to.</param>
    /// <param name="options">How to ask.</param>
    /// <param name="headers">Headers in the place of those of the options.</param>
    /// <exception cref="ArgumentException">The URL or an option cannot be kept.</exception>
    public ClientOpening(Uri uri, ClientOptions options, HttpHeaders? headers)
    {
        _plainHost = HandshakeUri.IsSecure(uri) ? null : HandshakeUri.HostOf(uri);
        _handshake = new ClientHandshake(uri, options.ToHandshakeOptions(headers));
        _handshake.WriteRequest(_request);
    }

    /// <summary>To be sent when there is a connection.</summary>
    public ReadOnlyMemory<byte> Request => _request.WrittenMemory;

    public HttpResponseHead? Response => _handshake.Response;

    public string? Subprotocol => _handshake.Subprotocol;

    public IReadOnlyList<ExtensionOffer> AcceptedExtensions => _handshake.AcceptedExtensions;

    public IReadOnlyList<ExtensionInstance> ExtensionInstances => _handshake.ExtensionInstances;

    /// <summary>Whether the answer is no upgrade; its body may still be on its way.</summary>
    public bool IsRefused => _handshake.Failure is not null;

    /// <summary>Whether another request may follow on the connection: the body of the refusal is there to its known end, and the server does not end the connection.</summary>
    public bool MayBeFollowed => _handshake.Response is { Version: > 0 } response
        && (_chunks?.IsComplete ?? response.ContentLength == _body.Count) && !HandshakeRules.AsksForClose(response.Headers);

    /// <summary>Takes bytes of the answer.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <returns>True when the handshake is decided, and the body of a refusal is there.</returns>
    public bool Receive(ref ReadOnlySpan<byte> input)
    {
        if (_first < 0 && !input.IsEmpty)
        {
            _first = input[0];
        }

        if (_handshake.Failure is null)
        {
            ClientHandshakeStatus status = _handshake.Receive(ref input);
            if (status != ClientHandshakeStatus.Failed)
            {
                return status == ClientHandshakeStatus.Accepted;
            }
        }

        // Only an answer of another status has a body worth reading; what follows a broken head is no body.
        bool hasBody = _handshake.Failure!.Reason == HandshakeViolation.UnexpectedStatus && _handshake.Response!.StatusCode is not (204 or 304);
        if (hasBody && _handshake.Response!.IsChunked)
        {
            _chunks ??= new HttpChunkedBody();
            return _chunks.Receive(ref input, _body, MaxBodySize);
        }

        long wanted = hasBody ? Math.Min(_handshake.Response!.ContentLength ?? MaxBodySize, MaxBodySize) : 0;
        int count = (int)Math.Min(input.Length, wanted - _body.Count);
        input[..count].CopyTo(_body.GetSpan(count));
        _body.Advance(count);
        input = input[count..];
        return _body.Count >= wanted;
    }

    /// <summary>Why the answer is no upgrade; only when <see cref="IsRefused"/>.</summary>
    /// <param name="better">What says more than the handshake can, such as what is wrong with it as a redirect.</param>
    /// <param name="chain">The URLs that were asked, when there were several.</param>
    public HandshakeException GetFailure(HandshakeFailure? better, IReadOnlyList<Uri> chain)
    {
        HandshakeFailure failure = better ?? _handshake.Failure!;
        return new HandshakeException(WantsTls ? HandshakeViolation.WrongScheme : failure.Reason, WantsTls ? ExplainTls(failure.Message) : failure.Message)
        {
            StatusCode = _handshake.Response?.StatusCode ?? 0,
            Response = _handshake.Response,
            Body = _body.WrittenSpan.ToArray(),
            Redirects = chain,
        };
    }

    // A TLS alert in the place of an answer; or a 400 with such a sentence, as most servers answer plain HTTP where they speak TLS.
    private bool WantsTls => _plainHost is not null
        && (_handshake.Response is { StatusCode: 400 } ? Mentions("TLS"u8) || Mentions("HTTPS"u8) || Mentions("SSL"u8) : _handshake.Response is null && WrongScheme.IsTls((byte)_first));

    private bool Mentions(ReadOnlySpan<byte> word) => _body.WrittenSpan.IndexOf(word) >= 0;

    private string ExplainTls(string message) => $"{_plainHost} seems to expect TLS there, so that the URL should begin with wss: instead of ws:. {message}";

    public void Dispose()
    {
        _request.Dispose();
        _body.Dispose();
    }
}
