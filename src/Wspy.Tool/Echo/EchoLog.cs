using System.Net;
using Microsoft.Extensions.Logging;

namespace Wspy.Tool.Echo;

/// <summary>What the echo command tells on the terminal.</summary>
internal static partial class EchoLog
{
    [LoggerMessage(101, LogLevel.Information, "#{Connection} connected from {Remote}, {Target}")]
    public static partial void Connected(ILogger logger, long connection, EndPoint? remote, string target);

    [LoggerMessage(102, LogLevel.Information, "#{Connection} ended: {Info}; messages echoed: {Messages}")]
    public static partial void Ended(ILogger logger, long connection, CloseInfo info, long messages);

    [LoggerMessage(103, LogLevel.Debug, "#{Connection} ping of {Size} bytes answered")]
    public static partial void Pinged(ILogger logger, long connection, int size);

    [LoggerMessage(104, LogLevel.Debug, "#{Connection} pong of {Size} bytes")]
    public static partial void Ponged(ILogger logger, long connection, int size);

    [LoggerMessage(105, LogLevel.Debug, "#{Connection} reports events to the page at {Remote}")]
    public static partial void Watching(ILogger logger, long connection, EndPoint? remote);

    [LoggerMessage(106, LogLevel.Warning, "#{Connection} broke a rule: {Violation}")]
    public static partial void BrokeRule(ILogger logger, long connection, string violation);
}
