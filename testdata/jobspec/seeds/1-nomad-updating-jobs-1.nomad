job "rolling" {
    ...
    update {
        stagger = "30s"
        max_parallel = 1
    }
    ...
}
