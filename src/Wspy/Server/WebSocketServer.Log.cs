using System.Net;
using Microsoft.Extensions.Logging;

namespace Wspy;

// Events 1-19: servers. Start and stop at Information, connections and messages at Debug; never a payload.
public abstract partial class WebSocketServer
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {EndPoint}")]
    private partial void LogStarted(EndPoint endPoint);

    [LoggerMessage(2, LogLevel.Information, "Stopping, with {Clients} clients connected")]
    private partial void LogStopping(int clients);

    [LoggerMessage(3, LogLevel.Information, "Stopped")]
    private partial void LogStopped();

    [LoggerMessage(4, LogLevel.Debug, "{Client} connected to {Path}, subprotocol {Subprotocol}")]
    private partial void LogOpened(Client client, string path, string? subprotocol);

    [LoggerMessage(5, LogLevel.Debug, "{Client} sent {Opcode} of {Size} bytes")]
    private partial void LogReceived(Client client, Opcode opcode, int size);

    [LoggerMessage(6, LogLevel.Debug, "{Client} closed with {Code} by {Initiator}, clean {WasClean}")]
    private partial void LogClosed(Client client, int code, CloseInitiator initiator, bool wasClean);

    [LoggerMessage(7, LogLevel.Debug, "{Client} broke a rule: {Violation}")]
    private partial void LogViolation(Client client, string violation);

    [LoggerMessage(8, LogLevel.Error, "A handler failed for {Client}; the client is closed with 1011")]
    private partial void LogHandlerFailed(Exception exception, Client client);

    [LoggerMessage(9, LogLevel.Debug, "No WebSocket for {Address}: {Reason}")]
    private protected partial void LogRefused(EndPoint? address, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Accepting failed, trying again in {Delay}")]
    private protected partial void LogAcceptFailed(Exception exception, TimeSpan delay);

    [LoggerMessage(11, LogLevel.Warning, "Refused a client: {Limit} are connected (MaxConnections)")]
    private protected partial void LogFull(int limit);

    [LoggerMessage(12, LogLevel.Error, "The application failed to answer a request of {Address}")]
    private protected partial void LogRequestFailed(Exception exception, EndPoint? address);

    [LoggerMessage(13, LogLevel.Warning, "A handler held up the event loop for {Milliseconds:0} ms, last for {Client}; make it asynchronous")]
    private protected partial void LogBlocked(Client? client, double milliseconds);

    [LoggerMessage(14, LogLevel.Debug, "Ended a connection from {Address}: it has {Limit} already (MaxConnectionsPerAddress)")]
    private protected partial void LogAddressFull(EndPoint? address, int limit);

    [LoggerMessage(16, LogLevel.Warning, "A client at {Address} has the wrong scheme in its URL; others are not told of for {Interval}. {Reason}")]
    private partial void LogWrongScheme(EndPoint? address, string reason, TimeSpan interval);

    [LoggerMessage(15, LogLevel.Debug, "Broadcast {Opcode} of {Size} bytes: {Tally}")]
    private partial void LogBroadcast(Opcode opcode, int size, BroadcastTally tally);

    [LoggerMessage(17, LogLevel.Warning, "Stopping waits for handlers that have not returned: {Count}, of {Clients}")]
    private partial void LogWaitingForHandlers(int count, string clients);

    [LoggerMessage(19, LogLevel.Error, "The extension {Extension} failed for {Client}; the client is closed with 1011")]
    private partial void LogExtensionFailed(Exception exception, Client client, string extension);
}
