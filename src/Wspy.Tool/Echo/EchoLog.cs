using System.Net;
using Microsoft.Extensions.Logging;

namespace Wspy.Tool.Echo;

/// <summary>What the echo command tells on the terminal.</summary>
internal static partial class EchoLog
{
    [LoggerMessage(1, LogLevel.Information, "#{Connection} connected from {Remote}, {Target}")]
    public static partial void Connected(ILogger logger, long connection, EndPoint? remote, string target);

    [LoggerMessage(2, LogLevel.Information, "#{Connection} ended: {Info}; messages echoed: {Messages}")]
    public static partial void Ended(ILogger logger, long connection, CloseInfo info, long messages);

    [LoggerMessage(3, LogLevel.Debug, "#{Connection} ping of {Size} bytes answered")]
    public static partial void Pinged(ILogger logger, long connection, int size);

    [LoggerMessage(4, LogLevel.Debug, "#{Connection} pong of {Size} bytes")]
    public static partial void Ponged(ILogger logger, long connection, int size);

    [LoggerMessage(5, LogLevel.Debug, "#{Connection} reports events to the page at {Remote}")]
    public static partial void Watching(ILogger logger, long connection, EndPoint? remote);

    [LoggerMessage(6, LogLevel.Warning, "#{Connection} broke a rule: {Violation}")]
    public static partial void BrokeRule(ILogger logger, long connection, string violation);
}
