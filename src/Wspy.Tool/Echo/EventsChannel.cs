using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Wspy.Tool.Echo;

/// <summary>
/// The page's second connection. A browser hides pings, and all that the server sees, from scripts; here the server reports
/// what happens on the echo connection that the page watches, and takes the page's commands. So the echo connection
/// carries nothing but the echo.
/// </summary>
/// <remarks>Safe from any thread: reports come from the handlers of the echo connection, commands from those of the channel.</remarks>
internal sealed class EventsChannel(Client page, string id, ServerFacts facts, TimeProvider time)
{
    public const string Path = "/events";

    // RFC 6455 §5.5: a control frame carries at most 125 bytes, and a close code takes two of them.
    private const int MaxPingPayload = 125;
    private const int MaxCloseReason = 123;

    private readonly PingTimes _pings = new(time);
    private volatile Client? _watched;

    /// <summary>The name that the page gave to itself, the same on both its connections.</summary>
    public string Id => id;

    /// <summary>Milliseconds since 1970-01-01 UTC.</summary>
    public double Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    public void Opened() => Report(new EventReport
    {
        Event = "watching",
        Time = Now,
        Server = facts.Name,
        MaxMessageSize = facts.MaxMessageSize,
        Subprotocols = facts.Subprotocols,
    });

    /// <summary>Begins to watch an echo connection, in place of the one before.</summary>
    public void Watch(Client client)
    {
        _watched = client;
        Report(new EventReport
        {
            Event = "open",
            Time = Now,
            Connection = client.Id,
            Remote = client.RemoteEndPoint?.ToString(),
            Subprotocol = client.Subprotocol,
        });
    }

    public void Echoed(Opcode opcode, int size, double received) => Report(new EventReport
    {
        Event = "message",
        Time = received,
        Opcode = opcode == Opcode.Text ? "text" : "binary",
        Size = size,
    });

    public void Pinged(ReadOnlySpan<byte> payload) => Report(new EventReport
    {
        Event = "ping",
        Time = Now,
        Size = payload.Length,
        Payload = Encoding.UTF8.GetString(payload),
    });

    public void Ponged(ReadOnlySpan<byte> payload) => Report(new EventReport
    {
        Event = "pong",
        Time = Now,
        Size = payload.Length,
        Payload = Encoding.UTF8.GetString(payload),
        RoundTrip = _pings.Answered(payload)?.TotalMilliseconds,
    });

    public void Closed(Client client, CloseInfo info)
    {
        // A page that connects again may open the next connection before this one has ended.
        Interlocked.CompareExchange(ref _watched, null, client);
        Report(new EventReport
        {
            Event = "close",
            Time = Now,
            Code = (int)info.Code,
            Reason = info.Reason,
            Initiator = info.Initiator switch
            {
                CloseInitiator.Local => "the server",
                CloseInitiator.Peer => "the browser",
                _ => "nobody, the connection was lost",
            },
            Clean = info.WasClean,
            Error = info.Exception?.Message,
        });
    }

    public void Failed(string text) => Report(new EventReport { Event = "error", Time = Now, Text = text });

    /// <summary>Does what a message of the page asks for.</summary>
    public void Obey(ReadOnlySpan<byte> message)
    {
        if (!TryParse(message, out EventsCommand? command))
        {
            Failed("The events channel takes JSON objects with a command.");
            return;
        }

        switch (command.Command)
        {
            case "clock":
                Report(new EventReport { Event = "clock", Time = Now, Sent = command.Sent });
                break;
            case "ping":
                Ping(command.Payload);
                break;
            case "close":
                Close(command.Code, command.Reason);
                break;
            case "drop":
                Drop();
                break;
            default:
                Failed($"No such command: {command.Command}.");
                break;
        }
    }

    private void Ping(string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        if (payload.Length > MaxPingPayload)
        {
            Failed($"A ping carries at most {MaxPingPayload} bytes; this payload has {payload.Length:N0}.");
        }
        else if (_watched is { } client)
        {
            _pings.Sent(payload);
            Report(new EventReport { Event = "ping sent", Time = Now, Size = payload.Length, Payload = text });
            client.SendPing(payload);
        }
        else
        {
            Failed("There is no connection to ping.");
        }
    }

    private void Close(int number, string reason)
    {
        CloseCode code = (CloseCode)(ushort)number;
        bool withoutCode = code == CloseCode.NoStatusReceived;
        if (number is < 0 or > ushort.MaxValue || (!withoutCode && !code.IsValidOnWire()))
        {
            Failed($"{number} may not stand in a Close frame (RFC 6455 §7.4): 1000–1003, 1007–1014 and 3000–4999 may.");
        }
        else if (Encoding.UTF8.GetByteCount(reason) is > MaxCloseReason and int size)
        {
            Failed($"A close reason has at most {MaxCloseReason} bytes; this one has {size:N0}.");
        }
        else if (withoutCode && reason.Length > 0)
        {
            Failed("A Close frame without a code has no reason (RFC 6455 §5.5.1).");
        }
        else if (_watched is { } client)
        {
            string text = withoutCode ? "no code" : reason.Length == 0 ? $"{number}" : $"{number} “{reason}”";
            Report(new EventReport { Event = "close sent", Time = Now, Text = text });
            client.Close(code, reason);
        }
        else
        {
            Failed("There is no connection to close.");
        }
    }

    private void Drop()
    {
        if (_watched is { } client)
        {
            Report(new EventReport { Event = "dropped", Time = Now, Text = "the connection, without a closing handshake" });
            client.Abort();
        }
        else
        {
            Failed("There is no connection to drop.");
        }
    }

    private void Report(EventReport report)
    {
        try
        {
            page.Send(JsonSerializer.SerializeToUtf8Bytes(report, EventsJson.Default.EventReport), Opcode.Text);
        }
        catch (Exception error) when (error is ConnectionClosedException or IOException)
        {
            // The page went away; its echo connection is served all the same.
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out EventsCommand? command)
    {
        try
        {
            command = JsonSerializer.Deserialize(message, EventsJson.Default.EventsCommand);
        }
        catch (JsonException)
        {
            command = null;
        }

        return command is { Payload: not null, Reason: not null };
    }
}

/// <summary>What the page tells its user about the server.</summary>
internal sealed record ServerFacts(string Name, long MaxMessageSize, IReadOnlyList<string> Subprotocols);
