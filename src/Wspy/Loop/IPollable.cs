namespace Wspy.Loop;

/// <summary>What a <see cref="PortablePoller"/> hears from.</summary>
internal interface IPollable
{
    /// <summary>Takes note of a completion on the loop's thread; null when it is nobody's interest any more.</summary>
    PollEvent? Complete(Interest ready);

    /// <summary>Waits for the next one, if it is wanted.</summary>
    void Arm();
}
