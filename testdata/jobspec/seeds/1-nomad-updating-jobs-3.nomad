job "my-api" {
    ...

    group "api-green" {
        count = 0

        task "api-server" {
            driver = "docker"
            
            config {
                image = "api-server:v1"
            }
        }
    }

    group "api-blue" {
        count = 10

        task "api-server" {
            driver = "docker"
            
            config {
                image = "api-server:v2"
            }
        }
    }
}
