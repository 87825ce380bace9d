namespace Wspy.Tool.Bench.Load;

/// <summary>The server did not do its part, so that there is nothing to measure; the message is for the person at the terminal.</summary>
internal sealed class LoadException(string message, Exception? innerException = null) : Exception(message, innerException);
