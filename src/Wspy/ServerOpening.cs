using System.Buffers;
using Wspy.Extensions;
using Wspy.Handshake;

namespace Wspy;

/// <summary>The opening handshake of a server with the application's say in it, whatever carries the bytes.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ServerOpening
{
    private readonly ServerHandshake _handshake;
    private readonly Func<HttpRequestHead, HttpResponse?>? _onRequest;
    private readonly Func<HttpRequestHead, HttpResponse?>? _onUpgrade;

    /// <param name="options">Of the handshake.</param>
    /// <param name="onRequest">Answers plain requests.</param>
    /// <param name="onUpgrade">Judges requests for an upgrade.</param>
    public ServerOpening(ServerHandshakeOptions options, Func<HttpRequestHead, HttpResponse?>? onRequest, Func<HttpRequestHead, HttpResponse?>? onUpgrade)
    {
        _handshake = new ServerHandshake(options);
        _onRequest = onRequest;
        _onUpgrade = onUpgrade;
    }

    public HttpRequestHead? Request => _handshake.Request;

    public string? Subprotocol { get; private set; }

    public IReadOnlyList<ExtensionOffer> AcceptedExtensions => _handshake.AcceptedExtensions;

    public IReadOnlyList<ExtensionInstance> ExtensionInstances => _handshake.ExtensionInstances;

    /// <summary>Why there is no WebSocket; null when the request was accepted.</summary>
    public HandshakeException? Failure { get; private set; }

    /// <summary>Takes bytes up to and including the end of the request.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="output">Gets the answer.</param>
    /// <returns>True when the answer stands in the output.</returns>
    public bool Receive(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        ServerHandshakeStatus status = _handshake.Receive(ref input);
        if (status == ServerHandshakeStatus.NeedMoreData)
        {
            return false;
        }

        try
        {
            Answer(status, output);
        }
        catch (Exception exception)
        {
            // The application's code failed, whatever it threw, before anything was written: the client gets its 500, and the caller the cause.
            Refuse(output, HandshakeViolation.RefusedByApplication, $"The application failed to answer the request: {exception.Message}", HttpResponse.Text(500, "Internal Server Error\n"), exception);
        }

        return true;
    }

    private void Answer(ServerHandshakeStatus status, IBufferWriter<byte> output)
    {
        if (status == ServerHandshakeStatus.Refused)
        {
            HandshakeRefusal refusal = _handshake.Refusal!;
            Refuse(output, refusal.Reason, refusal.Message, refusal.Response);
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

    private void Refuse(IBufferWriter<byte> output, HandshakeViolation reason, string message, HttpResponse response, Exception? cause = null)
    {
        response.Write(output, omitBody: _handshake.Request?.Method == "HEAD");
        Failure = new HandshakeException(reason, message, cause) { StatusCode = response.StatusCode, Request = _handshake.Request };
    }
}
