using System.Buffers;
using Wspy.Extensions;

namespace Wspy.Handshake;

/// <summary>The server's side of an opening handshake (RFC 6455 §4.2): bytes in, a verdict out, the answer written where you say.</summary>
/// <remarks>
/// <para>Feed <see cref="Receive"/> until it returns something else than <see cref="ServerHandshakeStatus.NeedMoreData"/>; that status stays, and nothing
/// is taken from the input any more. Then call <see cref="Accept"/> once, or write a response and end the connection: bytes that follow
/// a request that was not accepted must not be read as another request.</para>
/// <para>One handshake per connection; not thread-safe.</para>
/// </remarks>
public sealed partial class ServerHandshake
{
    private readonly IHandshakeRouter? _router;
    private ServerHandshakeOptions _options;
    private readonly HttpHeadParser _parser;
    private ServerHandshakeStatus _status;
    private bool _accepted;

    /// <summary>Creates a handshake for one connection.</summary>
    public ServerHandshake(ServerHandshakeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = options.MaxHeadSize, MaxHeaderCount = options.MaxHeaderCount };
    }

    /// <param name="options">Until it is known what the request is for.</param>
    /// <param name="router">Knows what holds for it then.</param>
    internal ServerHandshake(ServerHandshakeOptions options, IHandshakeRouter router)
        : this(options)
    {
        _router = router;
    }

    /// <summary>The request, once its head is complete; also when it is refused then.</summary>
    public HttpRequestHead? Request => _parser.Request;

    /// <summary>The subprotocols that the client asks for, the preferred one first; known with <see cref="ServerHandshakeStatus.Upgrade"/>.</summary>
    public IReadOnlyList<string> RequestedSubprotocols { get; private set; } = [];

    /// <summary>The extensions that the client offers, the preferred one first; known with <see cref="ServerHandshakeStatus.Upgrade"/>.</summary>
    public IReadOnlyList<ExtensionOffer> OfferedExtensions { get; private set; } = [];

    /// <summary>The extensions that were agreed on, as the response lists them; known after <see cref="Accept"/>.</summary>
    public IReadOnlyList<ExtensionOffer> AcceptedExtensions { get; private set; } = [];

    /// <summary>What works on this connection, in the order of <see cref="AcceptedExtensions"/>; for the caller to dispose.</summary>
    public IReadOnlyList<ExtensionInstance> ExtensionInstances { get; private set; } = [];

    /// <summary>Why the request is refused and what to answer, with <see cref="ServerHandshakeStatus.Refused"/>.</summary>
    public HandshakeRefusal? Refusal { get; private set; }

    /// <summary>A new response for a plain request where only WebSocket is spoken: 426 with the protocol and its version (RFC 9110 §15.5.22, RFC 6455 §4.4).</summary>
    public static HttpResponse UpgradeRequired =>
        CreateUpgradeRequired("This is a WebSocket server: connect with the WebSocket protocol.\n");

    /// <summary>Takes bytes up to and including the end of the request's head; what follows stays in <paramref name="input"/>.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <returns>The status, which stays once it is not <see cref="ServerHandshakeStatus.NeedMoreData"/>.</returns>
    public ServerHandshakeStatus Receive(ref ReadOnlySpan<byte> input)
    {
        if (_status == ServerHandshakeStatus.NeedMoreData)
        {
            _status = _parser.Receive(ref input) switch
            {
                HttpHeadStatus.Complete => Judge(_parser.Request!),
                HttpHeadStatus.Invalid => RefuseHead(_parser.Violation),
                _ => ServerHandshakeStatus.NeedMoreData,
            };
        }

        return _status;
    }

    /// <summary>Writes the response that makes the connection a WebSocket (RFC 6455 §4.2.2). Frames follow, in both directions.</summary>
    /// <param name="output">Gets the bytes.</param>
    /// <param name="subprotocol">One that the client asks for; <see langword="null"/> to choose as the options say.</param>
    /// <param name="headers">Headers to be sent as well, such as cookies.</param>
    /// <returns>The subprotocol, or <see langword="null"/> if none was agreed on.</returns>
    /// <exception cref="ArgumentException">The client does not ask for the subprotocol, or a header belongs to the handshake itself; nothing is written.</exception>
    /// <exception cref="InvalidOperationException">
    /// The status is not <see cref="ServerHandshakeStatus.Upgrade"/>, the handshake has been accepted before, or the selector of the options
    /// returned what the client does not ask for; nothing is written.
    /// </exception>
    public string? Accept(IBufferWriter<byte> output, string? subprotocol = null, HttpHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_status != ServerHandshakeStatus.Upgrade || _accepted)
        {
            throw new InvalidOperationException(
                _accepted ? "The handshake has been accepted before." : $"There is no request for an upgrade to accept: the status is {_status}.");
        }

        if (subprotocol is not null && !RequestedSubprotocols.Contains(subprotocol))
        {
            throw new ArgumentException("The client does not ask for this subprotocol (RFC 6455 §4.2.2).", nameof(subprotocol));
        }

        if (headers is not null)
        {
            HandshakeHeaders.ThrowIfReserved(headers, nameof(headers));
        }

        subprotocol ??= ChooseSubprotocol();
        ExtensionAgreement agreement = ExtensionAgreement.Choose(OfferedExtensions, _options.Extensions);
        AcceptedExtensions = agreement.Answers;
        ExtensionInstances = agreement.Instances;
        _accepted = true;
        Write(output, subprotocol, headers);
        return subprotocol;
    }

    private string? ChooseSubprotocol()
    {
        if (RequestedSubprotocols.Count == 0)
        {
            return null;
        }

        if (_options.SubprotocolSelector is null)
        {
            return RequestedSubprotocols.FirstOrDefault(name => _options.Subprotocols.Contains(name));
        }

        string? chosen = _options.SubprotocolSelector(Request!, RequestedSubprotocols);
        return chosen is null || RequestedSubprotocols.Contains(chosen)
            ? chosen
            : throw new InvalidOperationException("SubprotocolSelector returned a subprotocol that the client does not ask for (RFC 6455 §4.2.2).");
    }

    private void Write(IBufferWriter<byte> output, string? subprotocol, HttpHeaders? headers)
    {
        HttpReceivedHeaders request = Request!.Headers;
        output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8);
        HandshakeKey.ComputeAccept(request.Value(request.IndexOf("Sec-WebSocket-Key"u8, 0)), output.GetSpan(HandshakeKey.AcceptLength));
        output.Advance(HandshakeKey.AcceptLength);
        output.Write("\r\n"u8);
        if (subprotocol is not null)
        {
            output.WriteHeader("Sec-WebSocket-Protocol", subprotocol);
        }

        if (AcceptedExtensions.Count > 0)
        {
            output.WriteHeader("Sec-WebSocket-Extensions", ExtensionHeader.Format(AcceptedExtensions));
        }

        if (headers is not null)
        {
            output.WriteHeaders(headers);
        }

        output.Write("\r\n"u8);
    }
}
