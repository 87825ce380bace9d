using System.Diagnostics;

namespace Wspy.Interop.Tests.Harness;

/// <summary>A peer did not do its part; the message holds all that it printed.</summary>
internal sealed class PeerException(ProcessStartInfo start, string what, string output)
    : Exception($"`{start.FileName} {string.Join(' ', start.ArgumentList)}` {what}. It printed:{Environment.NewLine}{output}");
